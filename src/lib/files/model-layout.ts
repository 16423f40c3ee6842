/** How model files are called, and where in them our card lies. */
export const ENDING = '.onnx';
/** The key of the card among the file's metadata. */
export const CARD_KEY = 'lensmith';
/** The key of how a stranger's network wants its picture, as the person said. */
export const PICTURE_KEY = 'lensmith.picture';
/** The key of what a model of Teachable Machine answers with, which its graph alone does not tell. */
export const OUTPUTS_KEY = 'lensmith.outputs';
