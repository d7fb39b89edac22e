// What no page needs and every page is nicer with: the look button and copy buttons.
(() => {
  'use strict';
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const shown = () => root.dataset.theme || (dark.matches ? 'dark' : 'light');

  const switchLook = () => {
    root.dataset.theme = shown() === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', `${root.dataset.theme} ${root.dataset.accountTheme}`);
    } catch {
      // Storage is forbidden here: the look holds until the next page.
    }
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    button.dataset.label ??= button.textContent; // pressed again, it reads "Copied"
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = button.dataset.done;
    } catch {
      if (source.select) source.select();
      else getSelection().selectAllChildren(source);
      button.textContent = button.dataset.failed;
    }
    setTimeout(() => { button.textContent = button.dataset.label; }, 4000);
  };

  document.addEventListener('click', (event) => {
    const look = event.target.closest('[data-theme-set]');
    if (look) switchLook();
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
  });

  // Buttons that do nothing without this script are hidden until it runs.
  const reveal = (part) => {
    for (const button of part.querySelectorAll('button[hidden]')) button.hidden = false;
  };
  reveal(document);
  document.addEventListener('htmx:afterSwap', (event) => reveal(event.target));
})();
