/** What storage promises, the same in memory and in a real browser. */
import { beforeEach, describe } from 'vitest';
import type { Place } from './page';
import { editing } from './editing';
import { faults } from './faults';
import { keeping } from './keeping';
import { learning } from './learning';
import { migrating } from './migrating';
import { receiving } from './receiving';
import { restoring } from './restoring';
import { throwing } from './throwing';
import { trashing } from './trashing';
import { tuning } from './tuning';

export function suite(place: Place): void {
	beforeEach(() => place.fresh());
	describe('projects and photos', () => keeping());
	describe('edits', () => editing(place));
	describe('the trash', () => trashing());
	describe('features, models and runs', () => learning());
	describe('models in the trash', () => throwing());
	describe('what a fine-tuning keeps', () => tuning());
	describe('projects from files', () => restoring());
	describe('received models', () => receiving());
	describe('faults', () => faults(place));
	describe('versions', () => migrating());
}
