// Lets a reader of the API's page ask it by GET. The token stays in its field and in that request.
(() => {
  'use strict';
  const form = document.querySelector('[data-try]');
  const [address, token] = form.querySelectorAll('input');
  const answer = form.querySelector('pre');
  const told = ['Content-Type', 'ETag', 'RateLimit', 'Retry-After'];

  const asked = async (url) => {
    const key = token.value.trim();
    const response = await fetch(url, {
      headers: key ? { Authorization: `Bearer ${key}` } : {},
      credentials: 'omit',
      cache: 'no-store',
    });
    const body = await response.json();
    const head = told.filter((name) => response.headers.has(name));
    return [
      response.status,
      ...head.map((name) => `${name}: ${response.headers.get(name)}`),
      '',
      JSON.stringify(body, null, 2),
    ].join('\n');
  };

  const reached = (text) => {
    try {
      const url = new URL(text, location.origin);
      return url.origin === location.origin && url.pathname.startsWith('/api/v1/') ? url : null;
    } catch {
      return null; // no address at all
    }
  };

  let last = 0;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const url = reached(address.value.trim());
    const turn = ++last;
    answer.hidden = false;
    answer.textContent = url ? '…' : form.dataset.elsewhere;
    if (!url) return;
    const text = await asked(url).catch(() => form.dataset.failed);
    if (turn === last) answer.textContent = text; // a slow answer does not replace a later one
  });
  form.hidden = false;
})();
