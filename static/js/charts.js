// Charts: figures made on the server, drawn over the server's own line when they come near the view.
//
// <div class="chart" data-figure="ID" tabindex="0" role="group" aria-roledescription="chart"
//      aria-label="one sentence that sums it up" data-say="%x: %y" data-gap="not read"
//      data-explore="Explore the chart">
//   <svg class="static" aria-hidden="true">…</svg>        what everybody sees first
//   <div class="live" aria-hidden="true"></div>           where Plotly draws
//   <span class="sr" aria-live="polite"></span>           where the walked point is spoken
// </div>
// {{ figure|json_script:"ID" }}                            {"data": [...], "layout": {...}}
//
// A colour in a figure is the name of a token: "--s1", or "--s1/0.12" for a share of it. Texts hold
// no <b>, <i> or <a>: Plotly turns them into style attributes, which the policy refuses.
// When Plotly cannot be had the server's line stays; arrow keys work without it.
(() => {
  'use strict';
  const SOURCE = document.currentScript.dataset.plotly;
  const root = document.documentElement;
  const seen = new WeakSet();

  // No toolbar (its camera needs blob:, its cloud button sends data away), no zoom by accident.
  const CONFIG = {
    displayModeBar: false, displaylogo: false, doubleClick: false, locale: root.lang,
    plotlyServerURL: '', responsive: true, scrollZoom: false, showSendToCloud: false,
    typesetMath: false,
  };

  let loading;
  const load = () => loading ||= new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = SOURCE;
    script.onload = () => (window.Plotly ? done(window.Plotly) : failed(new Error('no Plotly')));
    script.onerror = () => failed(new Error('Plotly did not load'));
    document.head.append(script);
  });

  const figureOf = (chart) => JSON.parse(document.getElementById(chart.dataset.figure).textContent);

  // The browser itself resolves a token to the colour of the theme that is on.
  const colourOf = (probe, token) => {
    const [name, share] = token.split('/');
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color;
    return share ? colour.replace(/^rgba?\((\d+), (\d+), (\d+).*/, `rgba($1, $2, $3, ${share})`) : colour;
  };

  const painted = (probe, value) => {
    if (typeof value === 'string') return value.startsWith('--') ? colourOf(probe, value) : value;
    if (Array.isArray(value)) return value.map((item) => painted(probe, item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, painted(probe, item)]));
  };

  const merged = (under, over) => {
    const result = { ...under };
    for (const [key, value] of Object.entries(over)) {
      const plain = value && typeof value === 'object' && !Array.isArray(value);
      result[key] = plain ? merged(under[key] || {}, value) : value;
    }
    return result;
  };

  const themed = (layout) => {
    const family = getComputedStyle(root).fontFamily;
    const axis = { automargin: true, fixedrange: true, gridcolor: '--line', linecolor: '--line', zeroline: false };
    const axes = Object.fromEntries(
      ['xaxis', 'yaxis', ...Object.keys(layout).filter((key) => /^[xy]axis\d/.test(key))]
        .map((key) => [key, key.startsWith('x') ? { ...axis, showgrid: false } : axis]),
    );
    return merged({
      ...axes,
      colorway: ['--s1', '--s2', '--s3', '--s4', '--s5'],
      dragmode: false,
      font: { color: '--text-2', family, size: 13 },
      hoverlabel: { bgcolor: '--surface', bordercolor: '--control', font: { color: '--text', family } },
      hovermode: 'x',
      margin: { l: 36, r: 12, t: 8, b: 32 },
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      showlegend: false,
    }, layout);
  };

  const draw = async (chart, plotly) => {
    const live = chart.querySelector('.live');
    const figure = figureOf(chart);
    await plotly.react(live, painted(live, figure.data), painted(live, themed(figure.layout || {})), CONFIG);
    chart.dataset.ready = '';
  };

  const upgrade = async (chart) => {
    chart.querySelector('.explore')?.remove();
    try {
      await draw(chart, await load());
    } catch (error) {
      chart.dataset.failed = '';
      console.warn(`The chart stays as the server drew it: ${error.message}`);
    }
  };

  // Arrow, Home, End and Page keys walk the points and speak them.
  const day = (x) => (/^\d{4}-\d\d-\d\d/.test(x)
    ? new Date(x).toLocaleDateString(root.lang, { dateStyle: 'medium', timeZone: 'UTC' })
    : String(x));

  const spoken = (chart, lines, at) => {
    const value = (trace) => trace.y[at]?.toFixed(1) ?? chart.dataset.gap ?? '–';
    const values = lines.length === 1
      ? value(lines[0])
      : lines.map((trace) => `${trace.name} ${value(trace)}`).join(', ');
    return (chart.dataset.say || '%x: %y').replace('%x', day(lines[0].x[at])).replace('%y', values);
  };

  const walk = (chart) => {
    const { data } = figureOf(chart);
    // Sentences that the server wrote for the first trace's points are spoken as they are.
    const told = Array.isArray(data[0]?.text) ? data[0] : null;
    const lines = told ? [told] : data.filter((trace) => trace.x && !/^markers$/.test(trace.mode || ''));
    if (!lines.length) return;
    const live = chart.querySelector('.live');
    const last = lines[0].x.length - 1;
    let at = last;
    chart.addEventListener('keydown', (event) => {
      const goal = {
        ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 7, PageDown: at + 7, Home: 0, End: last,
      }[event.key];
      if (goal === undefined || event.target !== chart) return;
      event.preventDefault();
      at = Math.max(0, Math.min(last, goal));
      if ('ready' in chart.dataset) window.Plotly.Fx.hover(live, [{ curveNumber: 0, pointNumber: at }]);
      chart.querySelector('[aria-live]').textContent = told ? told.text[at] : spoken(chart, lines, at);
    });
    chart.addEventListener('blur', () => {
      if ('ready' in chart.dataset) window.Plotly.Fx.unhover(live);
    });
  };

  // A phone or a metered line gets the bundle only when asked for: 386 KB and seconds of its time.
  const thrifty = () => navigator.connection?.saveData || matchMedia('(max-width: 44rem)').matches;

  const offer = (chart) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn sm explore';
    button.textContent = chart.dataset.explore || 'Explore the chart';
    button.addEventListener('click', () => { chart.focus(); upgrade(chart); });
    chart.append(button);
  };

  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      upgrade(target);
    }
  }, { rootMargin: '200px' });

  const start = () => {
    for (const chart of document.querySelectorAll('.chart[data-figure]')) {
      if (seen.has(chart)) continue;
      seen.add(chart);
      walk(chart);
      if (thrifty()) offer(chart); else near.observe(chart);
    }
  };

  const redraw = () => {
    for (const chart of document.querySelectorAll('.chart[data-ready]')) draw(chart, window.Plotly);
  };

  start();
  document.addEventListener('htmx:afterSwap', start);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  new MutationObserver(redraw).observe(root, { attributeFilter: ['data-theme'] });
})();
