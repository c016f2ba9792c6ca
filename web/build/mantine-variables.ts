import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineTheme,
  mergeMantineTheme,
} from '@mantine/core';
import type { Plugin } from 'vite';
import { theme } from '../src/theme.js';

const NAME = 'virtual:mantine-variables.css';
const RESOLVED = `\0${NAME}`;
const USED = ['dark', 'gray', 'red', 'petrol'];

/** The theme as a file of CSS: MantineProvider would put it into a <style> element, which the page's policy forbids. */
export function mantineVariables(): Plugin {
  return {
    name: 'mantine-variables',
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? `@layer mantine {\n${variables()}\n}` : undefined),
  };
}

function variables(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const used = Object.entries(merged.colors).filter(([name]) => USED.includes(name));
  const colors = Object.fromEntries(used) as MantineTheme['colors'];
  return convertCssVariables(defaultCssVariablesResolver({ ...merged, colors }), ':root');
}
