/** As Frappe names it and fills it. No value holds a comma or a quote. */
export function downloadKeys(apiKey: string, apiSecret: string): void {
  const csv = `api_key,api_secret\r\n${apiKey},${apiSecret}\r\n`;
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'frappe_api_keys.csv';
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url)); // or the secret would stay in memory, under an address
}
