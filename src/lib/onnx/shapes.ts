/** Which operators may be in a stranger's graph, and what each makes of the sizes of its inputs. */
import type { Rule } from './call';
import { quoted, unsafe, unsupported } from './refusal';
import type { NodeProto } from './onnx_pb';
import { cut } from './shapes-cut';
import { elementwise } from './shapes-elementwise';
import { layout } from './shapes-layout';
import { matrix, matrixMicrosoft } from './shapes-matrix';
import { normal } from './shapes-normal';
import { windowed, windowedMicrosoft } from './shapes-windows';

const domains = new Map<string, ReadonlyMap<string, Rule>>([
	['', new Map(Object.entries({ ...elementwise, ...layout, ...cut, ...windowed, ...matrix, ...normal }))],
	['com.microsoft', new Map(Object.entries({ ...windowedMicrosoft, ...matrixMicrosoft }))]
]);

/** The same set of operators under two names. */
export const isStandard = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** @throws Trouble 'onnx-unsafe' where the operator is a stranger's own, 'onnx-unsupported' where it is not known here */
export function ruleOf({ domain, opType }: NodeProto): Rule {
	const rules = domains.get(isStandard(domain) ? '' : domain);
	const rule = rules?.get(opType);
	if (rule) return rule;
	if (!rules && domain !== 'ai.onnx.ml')
		throw unsafe(`its operator ${quoted(opType)} is none of ONNX, but of ${quoted(domain)}.`);
	throw unsupported(
		`its operator ${quoted(opType)} is not among those that are known here. What is made for sorting pictures into classes rarely has it.`
	);
}
