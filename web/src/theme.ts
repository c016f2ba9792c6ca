import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e4f0f3', '#cbe3e9', '#9fcbd7', '#6fc0d4', '#4299ae', '#2a8299', '#176c83', '#0b5c73', '#084a5d', '#063847',
]; // prettier-ignore

/** Colours stand in styles/tokens.css; this is what Mantine has to know at run time and for its variables. */
export const theme = createTheme({
  fontFamily: "'Schibsted Grotesk Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  colors: { petrol },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 3 },
  radius: { xs: '6px', sm: '8px', md: '10px', lg: '12px', xl: '14px' },
  defaultRadius: 'sm',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '26px' },
  // No lock of the scroll by script, and no ScrollArea: each puts a <style> into the page, which its policy forbids.
  components: {
    Modal: { defaultProps: { lockScroll: false, centered: true, radius: 'xl' } },
    Drawer: { defaultProps: { lockScroll: false } },
    // Within its landmark, and without a focusable placeholder in a menu, which axe calls critical.
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false, radius: 'md', shadow: 'md' } },
    Select: { defaultProps: { withScrollArea: false, comboboxProps: { withinPortal: false } } },
  },
  // `autoContrast` looks at one shade for both schemes.
  variantColorResolver: (input) => {
    const { color, variant } = input;
    const border = '1px solid transparent';
    if (variant === 'filled' && color === 'red')
      return { background: 'var(--danger)', hover: 'var(--danger-hover)', color: '#fff', border };
    if (variant === 'filled')
      return { background: 'var(--accent)', hover: 'var(--accent-hover)', color: 'var(--on-accent)', border };
    if (variant === 'default' && color === 'red')
      return {
        background: 'var(--surface)',
        hover: 'var(--sunken)',
        color: 'var(--bad)',
        border: '1px solid var(--line-2)',
      };
    return defaultVariantColorsResolver(input);
  },
});
