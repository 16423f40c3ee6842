/** What was really tried, so that nobody takes a hope for a fact. Change it only together with a test. */
export const tested: readonly { what: string; state: 'tested' | 'unverified'; note: string }[] = [
	{
		what: 'Chromium 156 on Linux, CPU (WebAssembly)',
		state: 'tested',
		note: 'Every test of the app runs here.'
	},
	{
		what: 'Chromium 156 on Linux, WebGPU in software',
		state: 'tested',
		note: 'Gives the same answers, too slowly to use.'
	},
	{
		what: 'Real graphics processors (WebGPU)',
		state: 'unverified',
		note: 'Checked at start; the CPU takes over.'
	},
	{ what: 'Chrome on Android', state: 'unverified', note: 'Should work like Chromium.' },
	{ what: 'Safari on iPhone and iPad', state: 'unverified', note: 'Runs on the CPU with one thread.' },
	{ what: 'Safari on Mac', state: 'unverified', note: '' },
	{ what: 'Firefox', state: 'unverified', note: '' }
];
