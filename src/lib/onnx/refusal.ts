/** Why a stranger's graph is not run, in words. Names out of a file are cleaned and cut before they are shown. */
import { cleanName } from '../domain/names';
import { Trouble } from '../domain/trouble';

/** A name as it is shown, in quotes. */
export const quoted = (name: string): string => `"${cleanName(name.slice(0, 200)) || '(no name)'}"`;

/** It asks for what no picture classifier needs: other files, graphs inside of graphs, code of others. */
export const unsafe = (reason: string): Trouble =>
	new Trouble(
		'onnx-unsafe',
		`This ONNX model is not opened: ${reason} Save it again as one plain graph in one file, for inference.`
	);

/** It may be fine, but this app cannot tell or cannot do it. */
export const unsupported = (reason: string): Trouble =>
	new Trouble('onnx-unsupported', `This network cannot be used here: ${reason}`);

export const tooLarge = (reason: string): Trouble =>
	new Trouble(
		'onnx-too-large',
		`This network is too large to be run here: ${reason} Choose a smaller one, or save it for smaller pictures.`
	);

export const broken = (reason: string): Trouble =>
	new Trouble('onnx-broken', `This ONNX file is damaged: ${reason}`);
