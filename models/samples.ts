/** Pictures for whoever has no camera at hand; `models/build` puts them into static/samples. Ships in the page: imports nothing. */

export interface Sample {
	id: string;
	/** Relative to the app's base. */
	url: string;
	/** What is to be seen, for a button and for whoever cannot see it. */
	words: string;
	source: string;
	licence: string;
}

const origin = { source: 'tensorflow-models 0.0.1 (npm)', licence: 'Apache-2.0' };
/** The package says Apache-2.0 of itself and nothing of who took these two. */
const unsaid = 'Apache-2.0 by the package; the photographer’s own terms are not stated';

export const samples: readonly Sample[] = [
	{
		id: 'coffee',
		url: 'samples/coffee.jpg',
		words: 'A white mug on a wooden table',
		...origin
	},
	{
		id: 'motorcycles',
		url: 'samples/motorcycles.jpg',
		words: 'Riders in helmets beside their motorcycles',
		source: 'PASCAL VOC, in tensorflow-models 0.0.1 (npm)',
		licence: unsaid
	},
	{
		id: 'restaurant',
		url: 'samples/restaurant.jpg',
		words: 'Two guests at a wooden table ordering from a waitress',
		source: 'ADE20K, in tensorflow-models 0.0.1 (npm)',
		licence: unsaid
	}
];
