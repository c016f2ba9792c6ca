import { words } from '../words/index.js';

/** For the eye of a PasswordInput, which is out of the order of Tab otherwise. */
export const PASSWORD_TOGGLE = { 'aria-label': words.ui.showPassword, tabIndex: 0, 'aria-hidden': false };
