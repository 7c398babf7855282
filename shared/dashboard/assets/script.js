// What a page does beyond HTML: charts of its tables, the present kept fresh, a form that
// sends itself. Everything is there without it.
"use strict";
(() => {
  for (const span of document.querySelectorAll("[data-origin]")) span.textContent = location.origin;

  const form = document.querySelector(".choose");
  if (form) {
    const range = form.elements.range, days = form.querySelector(".days");
    const send = () => {
      for (const field of form.elements) // an address says only what it must
        field.disabled = field.value === "" || (field.type === "date" && range.value !== "custom");
      if (range.value !== "custom") return form.submit();
      range.disabled = true;
      form.submit();
    };
    form.addEventListener("submit", (e) => { e.preventDefault(); send(); });
    form.addEventListener("change", (e) => {
      days.classList.toggle("off", range.value !== "custom");
      if (e.target === range && range.value === "custom") return;
      if (e.target.matches("select, [type=checkbox]")) send();
    });
  }

  const live = document.querySelector("[data-live]");
  if (live) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(live.dataset.live, { headers: { Accept: "text/html" } });
        if (answer.ok) live.innerHTML = await answer.text();
      } catch { /* the next time, then */ }
    }, 5000);
  }

  document.querySelector("header nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  const read = (table) => {
    const rows = [...table.querySelectorAll("tbody tr")].filter((r) => r.querySelector("[data-key]"));
    const heads = [...table.querySelectorAll("thead th")].slice(1);
    return {
      names: rows.map((r) => r.querySelector("th").textContent),
      times: rows.map((r) => Date.parse(r.querySelector("[data-key]").dataset.key.replace(/Z?$/, "Z")) / 1000),
      columns: heads.map((head, i) => ({
        label: head.textContent, unit: head.dataset.unit,
        values: rows.map((r) => { const v = r.querySelectorAll("td")[i].dataset.value; return v === "" ? null : Number(v); }),
        links: rows.map((r) => r.querySelectorAll("td")[i].querySelector("a")?.href),
      })),
    };
  };
  const write = { seconds: (v) => v >= 3600 ? (v / 3600).toFixed(1) + " h" : v >= 60 ? Math.round(v / 60) + " m" : Math.round(v) + " s", share: (v) => Math.round(v * 100) + " %" };
  // The rows behind the point that the mouse is at, or next to.
  const behind = (chart, columns) => {
    const { idx, top } = chart.cursor;
    let link, nearest = 40;
    if (idx != null && top >= 0) columns.forEach((c, i) => {
      const away = Math.abs(chart.valToPos(c.values[idx], "y") - top);
      if (chart.series[i + 1].show && c.values[idx] !== null && away < nearest) [nearest, link] = [away, c.links[idx]];
    });
    return link;
  };
  const charts = [], day = 86400;
  const draw = () => {
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    for (const { chart } of charts) chart.destroy();
    charts.length = 0;
    for (const box of document.querySelectorAll("[data-chart]")) {
      const { names, times, columns } = read(document.getElementById(box.dataset.chart));
      if (times.length < 2) continue;
      const until = Date.parse(box.dataset.until + "Z") / 1000; // what is to come is no 0
      for (const c of columns) c.values = c.values.map((v, i) => times[i] > until ? null : v);
      const tell = write[columns[0].unit] ?? ((v) => v.toLocaleString("en"));
      const colours = columns.map((_, i) => colour("--s" + (i % 5 + 1)));
      const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
      const chart = new uPlot({
        width: box.clientWidth, height: 240, tzDate: (t) => uPlot.tzDate(new Date(t * 1000), "Etc/UTC"),
        legend: { markers: { width: 0, fill: (_, i) => colours[i - 1] } }, cursor: { y: false },
        scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] } },
        axes: [{ ...axis, ...(times[1] - times[0] >= day ? { incrs: [1, 2, 4, 7, 14, 28, 91, 182, 364].map((n) => n * day) } : {}), values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleString("en-GB", { timeZone: "UTC", ...(t % day === 0 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" }) })) }, { ...axis, size: 60, ...(columns[0].unit === "seconds" ? { incrs: [1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400] } : {}), values: (_, ticks) => ticks.map((v) => v === null ? "" : tell(v)) }],
        series: [{ label: "\u2009", value: (_, t, __, i) => names[i] ?? "" }, ...columns.map((c, i) => ({ label: c.label, stroke: colours[i], width: 2, fill: columns.length === 1 ? colours[i] + "14" : undefined, points: { show: times.length < 12, size: 6 }, value: (_, v, __, i) => i == null ? "" : v === null ? "–" : tell(v) }))],
      }, [times, ...columns.map((c) => c.values)], box);
      chart.over.addEventListener("mousemove", () => { chart.over.style.cursor = behind(chart, columns) ? "pointer" : ""; });
      chart.over.addEventListener("click", () => { const link = behind(chart, columns); if (link) location.assign(link); });
      charts.push({ chart, box });
    }
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => { for (const { chart, box } of charts) if (box.clientWidth > 0) chart.setSize({ width: box.clientWidth, height: 240 }); }).observe(document.querySelector("main"));
})();
