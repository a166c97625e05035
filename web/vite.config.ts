import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.AGENTLOCATOR_SERVER ?? 'http://127.0.0.1:5000';
const paths = ['/api', '/webhook', '/static', '/media', '/openapi.json', '/health'];
const proxy = {
  ...Object.fromEntries(paths.map((path) => [path, { target: server, changeOrigin: false }])),
  '/ws': { target: server, ws: true, changeOrigin: false },
};

function local(path: string) {
  return fileURLToPath(new URL(path, import.meta.url));
}

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': local('./src') } },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2023',
    // Nothing is inlined as data: the content security policy loads from the own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    manifest: true,
    rollupOptions: {
      input: { app: local('./index.html'), docs: local('./docs.html') },
      output: {
        manualChunks: (id) => (/node_modules\/(react|react-dom|scheduler)\//.test(id) ? 'react' : undefined),
      },
    },
  },
  worker: { format: 'es' },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/test/setup.ts'],
    css: false,
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
