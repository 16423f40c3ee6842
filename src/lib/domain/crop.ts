/**
 * Which part of a picture the network sees.
 * 'centre': the largest centred square, as backbones were trained on.
 * 'whole': all of it, squeezed into the square; nothing at the edges is missed, round things become oval.
 */
export type Crop = 'centre' | 'whole';
