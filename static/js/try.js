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

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const url = new URL(address.value.trim(), location.origin);
    const ours = url.origin === location.origin && url.pathname.startsWith('/api/v1/');
    answer.hidden = false;
    answer.textContent = ours ? '…' : form.dataset.elsewhere;
    if (!ours) return;
    try {
      answer.textContent = await asked(url);
    } catch {
      answer.textContent = form.dataset.failed;
    }
  });
  form.hidden = false;
})();
