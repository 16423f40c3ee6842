/** Serves a build as a static host would, obeying its `_headers`; for people and for tests. */
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';
import { matchHeaders, parseHeaders, type HeaderRule } from './build/headers-file';

export interface ServerOptions {
	/** The build. */
	root: string;
	/** 0: any free one. A taken port is an error unless `orNext`. */
	port: number;
	/** Try the ports above a taken one. */
	orNext?: boolean;
	/** Where to listen; this computer only unless said otherwise. */
	host?: string;
	/** The base path that the build was made for, '' or '/app'. */
	base?: string;
	/** false imitates a host that knows nothing of `_headers`. */
	headers?: boolean;
	https?: { key: string; cert: string };
	/** Look at the files at every request instead of once; for tests that change them. */
	live?: boolean;
	/** Answers first; returns true where it did. For tests that imitate broken hosts. */
	intercept?(request: IncomingMessage, response: ServerResponse): boolean;
}

export interface RunningServer {
	/** With the base path, without a slash at its end. */
	url: string;
	port: number;
	/** Ends open connections too; a second call does nothing. */
	close(): Promise<void>;
}

/** @throws where the build is not there or the port is taken */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
	const { base = '', host = 'localhost', https: certificate, intercept } = options;
	const serve = staticFiles(options);
	const listener: RequestListener = (request, response) => {
		if (intercept?.(request, response)) return;
		const path = request.url ?? '/';
		if (path === base && base) {
			response.writeHead(308, { Location: `${base}/` }).end();
			return;
		}
		if (!path.startsWith(`${base}/`)) return notFound(response);
		request.url = path.slice(base.length);
		serve(request, response);
	};
	const server = certificate ? https.createServer(certificate, listener) : http.createServer(listener);
	const port = await listen(server, host, options.port, options.orNext ?? false);
	let closing: Promise<void> | undefined;
	const close = () =>
		(closing ??= new Promise((resolve, reject) => {
			server.close((error) => (error ? reject(error) : resolve()));
			server.closeAllConnections();
		}));
	return { url: `${certificate ? 'https' : 'http'}://localhost:${port}${base}`, port, close };
}

function staticFiles({ root, base = '', headers = true, live = false }: ServerOptions): RequestListener {
	const rules = (): HeaderRule[] =>
		headers ? parseHeaders(readFileSync(join(root, '_headers'), 'utf8')) : [];
	const fixed = rules();
	const apply = (response: ServerResponse, path: string) => {
		if (!response.hasHeader('Content-Type') && path.endsWith('.onnx'))
			response.setHeader('Content-Type', 'application/octet-stream');
		const found = matchHeaders(live ? rules() : fixed, base + path);
		for (const [name, value] of Object.entries(found)) response.setHeader(name, value);
	};
	const files = sirv(root, { dev: live, etag: true, brotli: true, gzip: true, setHeaders: apply });
	return (request, response) => {
		// A part of a compressed copy would be of no use to someone who resumes a download.
		if (request.headers.range) delete request.headers['accept-encoding'];
		files(request, response, () => {
			const path = (request.url ?? '/').split(/[?#]/)[0] ?? '/';
			if (/\.[^/]+$/.test(path)) return notFound(response);
			request.url = '/200.html';
			files(request, response, () => notFound(response));
		});
	};
}

function notFound(response: ServerResponse): void {
	response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found');
}

/** @returns the port that it listens on */
function listen(server: http.Server, host: string, port: number, orNext: boolean): Promise<number> {
	return new Promise((resolve, reject) => {
		const attempt = (wanted: number) => {
			server.once('error', (error: NodeJS.ErrnoException) => {
				if (error.code === 'EADDRINUSE' && orNext && wanted < 65535) attempt(wanted + 1);
				else reject(error);
			});
			server.listen(wanted, host, () => {
				server.removeAllListeners('error');
				resolve((server.address() as AddressInfo).port); // an object, as it listens on TCP
			});
		};
		attempt(port);
	});
}
