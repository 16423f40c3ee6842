/**
 * Draws the app's mark, an aperture in one warm hue, and writes static/favicon.svg and the PNG icons.
 * Run by hand when the mark changes: `npx tsx scripts/icons.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findBrowser } from './browser';

const folder = 'static';
const ground = '#1b150d';
const blades = 6;
/** Amber from shade to light; the light falls from the upper left. */
const tones = ['#c97a12', '#b0670c', '#c97a12', '#e8991f', '#f6b545', '#eda32b'];

interface Icon {
	file: string;
	size: number;
	/** Radius of the mark as a share of the side. Maskable icons keep to the inner 80 %. */
	radius: number;
	/** Corners of the ground, as a share of the side; none where the system cuts them. */
	corner: number;
}

const icons: Icon[] = [
	{ file: 'icons/icon-192.png', size: 192, radius: 0.375, corner: 0.22 },
	{ file: 'icons/icon-512.png', size: 512, radius: 0.375, corner: 0.22 },
	{ file: 'icons/maskable-192.png', size: 192, radius: 0.31, corner: 0 },
	{ file: 'icons/maskable-512.png', size: 512, radius: 0.31, corner: 0 },
	{ file: 'icons/apple-touch-icon.png', size: 180, radius: 0.35, corner: 0 }
];

const fixed = (value: number) => value.toFixed(2);

/**
 * The blades tile the ring between a circle and a hexagon: each side of the hexagon, drawn on until it meets
 * the circle, is the edge between two blades.
 */
function aperture(centre: number, radius: number, gap: number): string {
	const inner = radius * 0.4;
	const vertex = (k: number) => {
		const angle = (2 * Math.PI * k) / blades - Math.PI / 2;
		return { x: inner * Math.cos(angle), y: inner * Math.sin(angle) };
	};
	const rim = (k: number) => {
		const [a, b] = [vertex(k), vertex(k + 1)];
		const [dx, dy] = [(b.x - a.x) / inner, (b.y - a.y) / inner]; // a hexagon's side is as long as its radius
		const along = a.x * dx + a.y * dy;
		const t = -along + Math.sqrt(along ** 2 - inner ** 2 + radius ** 2);
		return { x: a.x + t * dx, y: a.y + t * dy };
	};
	const at = ({ x, y }: { x: number; y: number }) => `${fixed(centre + x)} ${fixed(centre + y)}`;
	return tones
		.map((tone, k) => {
			const arc = `A${fixed(radius)} ${fixed(radius)} 0 0 0 ${at(rim(k - 1))}`;
			return `<path fill="${tone}" stroke="${ground}" stroke-width="${fixed(gap)}" stroke-linejoin="round" d="M${at(vertex(k))}L${at(rim(k))}${arc}Z"/>`;
		})
		.join('');
}

function picture({ size, radius, corner }: Omit<Icon, 'file'>): string {
	const half = size / 2;
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">` +
		`<rect width="${size}" height="${size}" rx="${fixed(size * corner)}" fill="${ground}"/>` +
		`${aperture(half, size * radius, size * 0.018)}</svg>\n`
	);
}

async function main(): Promise<void> {
	await mkdir(join(folder, 'icons'), { recursive: true });
	await writeFile(join(folder, 'favicon.svg'), picture({ size: 64, radius: 0.41, corner: 0.22 }));
	const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
	const page = await browser.newPage();
	for (const icon of icons) {
		await page.setViewportSize({ width: icon.size, height: icon.size });
		await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${picture(icon)}`);
		await page.screenshot({ path: join(folder, icon.file), omitBackground: true });
	}
	await browser.close();
}

await main();
