import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const outDir = fileURLToPath(new URL('../src/aiworker/edge/page/dist', import.meta.url));
const server = env['AIWORKER_URL'] ?? 'http://127.0.0.1:3000';

/** Writes `.br` and `.gz` beside every text file, so that the server compresses nothing while it serves. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    async closeBundle() {
      const names = await readdir(outDir, { recursive: true });
      await Promise.all(
        names
          .filter((name) => /\.(js|css|html|svg)$/.test(name))
          .map(async (name) => {
            const path = join(outDir, name);
            const bytes = await readFile(path);
            const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
            await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, options));
            await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
          }),
      );
    },
  };
}

/** Asks for the face of nearly all text with the page itself, so that words do not jump when it comes. */
function preloadedFont(): Plugin {
  return {
    name: 'preloaded-font',
    apply: 'build',
    transformIndexHtml(_html, { bundle = {} }) {
      const font = Object.keys(bundle).find((name) => name.includes('inter-latin-wght'));
      if (!font) throw new Error('The page has lost its font inter-latin-wght');
      const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/${font}` };
      return [{ tag: 'link', attrs, injectTo: 'head' }];
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), preloadedFont(), precompressed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // A few files that change at different times, rather than one for each module that two pages share.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules\/(?!@base-ui|@floating-ui|lucide-react|@speed-highlight)/ },
            { name: 'ui', test: /node_modules\/(@base-ui|@floating-ui|lucide-react)/, minShareCount: 2 },
            { name: 'shared', test: /src\/(shared|features)/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    // The server refuses what comes from a foreign origin, so the development proxy speaks as one of its own.
    proxy: {
      '/api': { target: server, changeOrigin: true, headers: { origin: server } },
      '/socket.io': { target: server, changeOrigin: true, headers: { origin: server }, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
