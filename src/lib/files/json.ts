/** JSON from outside, as a checked value. */
import * as v from 'valibot';

/** How deep lists and objects may lie in each other; ours are six deep. */
const DEEPEST = 32;

/**
 * @throws SyntaxError where it is no JSON or nested too deeply, ValiError where it is not what the schema says
 */
export function decodeJson<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
	if (depthOf(text) > DEEPEST) throw new SyntaxError('nested too deeply');
	return v.parse(schema, JSON.parse(text), { abortEarly: true });
}

/** Of text that is JSON; of other text some number. */
function depthOf(text: string): number {
	let [depth, most, quoted] = [0, 0, false];
	for (let at = 0; at < text.length; at++) {
		const letter = text[at];
		if (letter === '"') quoted = !quoted;
		else if (quoted && letter === '\\') at++;
		else if (!quoted && (letter === '[' || letter === '{')) most = Math.max(most, ++depth);
		else if (!quoted && (letter === ']' || letter === '}')) depth--;
	}
	return most;
}
