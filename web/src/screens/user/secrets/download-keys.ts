import { saveFile } from '../../../ui/save-file.js';

/** As Frappe names it and fills it. No value holds a comma or a quote. */
export function downloadKeys(apiKey: string, apiSecret: string): void {
  const csv = `api_key,api_secret\r\n${apiKey},${apiSecret}\r\n`;
  saveFile(new Blob([csv], { type: 'text/csv' }), 'frappe_api_keys.csv');
}
