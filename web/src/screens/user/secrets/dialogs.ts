// Loaded at once, when the first of them is opened: each on its own would make "shared", which every screen loads, larger.
export { EditDialog } from './EditDialog.js';
export { KeepLongerDialog } from './KeepLongerDialog.js';
export { NewSecretDialog } from './NewSecretDialog.js';
export { RotateDialog } from './RotateDialog.js';
