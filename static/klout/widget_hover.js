// On pages of others: shows the badge of a person over each link to them, by mouse and by keyboard.
// Links to this site, to klout.com, and to accounts at X, which are shown if their person linked them.
(() => {
  'use strict';
  const here = new URL(document.currentScript.src).origin;
  const name = /^\/@?(?:user\/)?([A-Za-z0-9_]{1,30})\/?$/;
  let frame = null;

  const badgeOf = (link) => {
    const found = name.exec(link.pathname);
    const host = link.hostname.replace(/^www\./, '');
    if (!found) return '';
    if (link.origin === here) return link.pathname.startsWith('/@') ? `/badge/${found[1]}` : '';
    if (host === 'klout.com') return `/badge/${found[1]}`;
    return host === 'twitter.com' || host === 'x.com' ? `/badge/${found[1]}?network=tw` : '';
  };

  const hide = () => {
    if (frame) frame.remove();
    frame = null;
  };

  const show = (event) => {
    const link = event.target.closest && event.target.closest('a[href]');
    const badge = link ? badgeOf(link) : '';
    if (!badge || link === (frame && frame.link)) return;
    hide();
    const place = link.getBoundingClientRect();
    frame = document.createElement('iframe');
    frame.link = link;
    frame.src = here + badge;
    frame.title = 'Score';
    frame.width = 200;
    frame.height = 98;
    Object.assign(frame.style, {
      position: 'absolute',
      zIndex: 9999,
      border: '0',
      borderRadius: '8px',
      background: '#fff',
      boxShadow: '0 2px 12px rgba(0, 0, 0, 0.25)',
      left: `${Math.max(0, Math.min(place.left, window.innerWidth - 208)) + window.scrollX}px`,
      top: `${place.bottom + window.scrollY + 4}px`,
    });
    document.body.append(frame);
  };

  const leave = (event) => {
    if (frame && frame.link.contains(event.target)) hide();
  };

  document.addEventListener('mouseover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('mouseout', leave);
  document.addEventListener('focusout', leave);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
})();
