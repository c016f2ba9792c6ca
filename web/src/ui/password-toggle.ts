/** For the eye of a PasswordInput, which is out of the order of Tab otherwise. */
export const PASSWORD_TOGGLE = { 'aria-label': 'Show or hide the password', tabIndex: 0, 'aria-hidden': false };
