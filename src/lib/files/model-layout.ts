/** How model files are called, and where in them our card lies. */
export const ENDING = '.onnx';
/** The key of the card among the file's metadata. */
export const CARD_KEY = 'lensmith';
