// Runs before the first paint: the look chosen on this device, unless the account's own setting was
// changed after that choice. app.js writes the value as "<look> <account setting at that time>".
(() => {
  'use strict';
  const root = document.documentElement;
  const account = root.dataset.theme || 'device';
  try {
    const [look, chosenUnder] = (localStorage.getItem('theme') || '').split(' ');
    if (chosenUnder === account) root.dataset.theme = look;
  } catch {
    // Storage is forbidden here: the account's setting or the device decides.
  }
  root.dataset.accountTheme = account;
})();
