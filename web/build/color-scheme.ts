import type { Plugin } from 'vite';

/** Sets the colour scheme before the first paint. The key is the one under which Mantine keeps a person's choice. */
const SCRIPT = `(() => {
  let chosen;
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value');
  } catch {} // storage is forbidden: as the system has it
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
`;

/** A small blocking file in the head, as no script may stand in the page itself. */
export function colorScheme(): Plugin {
  return {
    name: 'color-scheme',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', name: 'scheme.js', source: SCRIPT });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const file = Object.values(bundle).find((one) => one.type === 'asset' && one.names.includes('scheme.js'));
        return [{ tag: 'script', attrs: { src: `/app/${file!.fileName}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}
