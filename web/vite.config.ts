import { defineConfig } from 'vite';
import { colorScheme } from './build/color-scheme.js';
import { compressed } from './build/compressed.js';
import { mantineVariables } from './build/mantine-variables.js';

const SERVER = 'http://localhost:8000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/app/',
  plugins: [mantineVariables(), colorScheme(), compressed()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy of the page allows no data: URL
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // What several screens share is one file: cut by who uses what, it would be many small ones, each with headers of its own.
      output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 4 }] } },
      // Libraries say "use client" in every file, and there is nothing but a client here; and what took how long.
      onLog: (level, log, handle) =>
        /^(MODULE_LEVEL_DIRECTIVE|PLUGIN_TIMINGS)$/.test(log.code ?? '') || handle(level, log),
    },
  },
  server: { proxy: { '/v1': SERVER, '/docs': SERVER, '/api': SERVER } },
});
