/**
 * Which cameras there are and which way they look.
 */
export type Facing = 'environment' | 'user';

export interface CameraFacts {
	deviceId: string;
	/** The device's name; "Camera 1" until the person has allowed the camera once. */
	label: string;
	/** Where the device or its name tells. */
	facing?: Facing;
}

/** The cameras of this device; empty where there is none, or none that this page may know of. */
export async function listCameras(
	media: MediaDevices | undefined = navigator.mediaDevices
): Promise<CameraFacts[]> {
	// The library of types says that it is always there; over plain http it is not.
	const devices = (await media?.enumerateDevices().catch(() => [])) ?? [];
	return devices
		.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
		.map((device, index) => {
			const facing = facingOfDevice(device);
			const label = device.label || `Camera ${index + 1}`;
			return { deviceId: device.deviceId, label, ...(facing && { facing }) };
		});
}

/** Calls back when a camera is connected or taken away. @returns a function that ends it */
export function onCamerasChanged(
	changed: () => void,
	media: MediaDevices | undefined = navigator.mediaDevices
): () => void {
	media?.addEventListener('devicechange', changed);
	return () => media?.removeEventListener('devicechange', changed);
}

/** From what the device says, else from its name ("camera2 0, facing back", "Front Camera"). */
export function facingFrom(modes: string | string[] | undefined, label: string): Facing | undefined {
	const said = [modes].flat().find((mode) => mode === 'environment' || mode === 'user');
	if (said === 'environment' || said === 'user') return said;
	if (/\b(back|rear|environment)\b/i.test(label)) return 'environment';
	if (/\b(front|user|face ?time)\b/i.test(label)) return 'user';
	return undefined;
}

function facingOfDevice(device: MediaDeviceInfo): Facing | undefined {
	const capable = device as Partial<InputDeviceInfo>;
	return facingFrom(capable.getCapabilities?.().facingMode, device.label);
}
