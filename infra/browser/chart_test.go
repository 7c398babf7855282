package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// point is where the mouse is upon a point of a chart, and what the table under it says there.
type point struct {
	X, Y float64
	Href string
	Text string
}

// findPoint moves over the middle of the chart of volumes until it is upon a point that leads somewhere.
const findPoint = `((chart, table) => {
	chart.scrollIntoView({ block: 'center' });
	const over = chart.querySelector('.u-over'), box = over.getBoundingClientRect();
	for (let x = box.left + box.width / 2; x < box.right; x += 20)
		for (let y = box.top + 1; y < box.bottom; y += 4) {
			over.dispatchEvent(new MouseEvent('mousemove', { clientX: x, clientY: y, bubbles: true }));
			if (over.style.cursor === 'pointer') return { X: x, Y: y };
		}
	return { X: 0, Y: 0 };
})(document.querySelector('#volume .chart'))`

// TestAPointOfAChartLeadsToItsRows clicks a point, and comes to the same rows as from the table under the
// chart; a click beside all points leads nowhere.
func TestAPointOfAChartLeadsToItsRows(t *testing.T) {
	ctx := start(t)
	s := open(t, 64*time.Hour)
	signIn(ctx, t, s)
	do(ctx, t, "three days", look(1400, "light"), chromedp.Navigate(s.url+"/?from=2026-03-03&to=2026-03-05&zone=UTC"))
	until(ctx, t, `document.querySelector('#volume .u-over')`)
	p := js[point](ctx, t, findPoint)
	if p.X == 0 {
		t.Fatal("no point of the chart leads anywhere")
	}
	links := js[map[string]string](ctx, t, `Object.fromEntries([...document.querySelectorAll('#volume-table td a')].map((a) => [a.href, a.textContent]))`)
	do(ctx, t, "a point", chromedp.MouseEvent("mouseMoved", p.X, p.Y), chromedp.MouseClickXY(p.X, p.Y))
	until(ctx, t, `document.getElementById('rows-table')`)
	at, heading := js[string](ctx, t, "location.href"), js[string](ctx, t, "document.querySelector('h1').textContent")
	if figure, ok := links[at]; !ok || !strings.HasSuffix(heading, ": "+figure) {
		t.Errorf("the point leads to %s, %q, and the table has %d links", at, heading, len(links))
	}
	js[bool](ctx, t, "history.back(), true")
	until(ctx, t, `document.querySelector('#volume .u-over')`)
	top := js[point](ctx, t, `(() => { const o = document.querySelector('#volume .u-over'); o.scrollIntoView({ block: 'center' }); const b = o.getBoundingClientRect();
		const y = b.top + 1; o.dispatchEvent(new MouseEvent('mousemove', { clientX: b.left + 2, clientY: y, bubbles: true })); return { X: b.left + 2, Y: y, Text: o.style.cursor }; })()`)
	do(ctx, t, "beside all points", chromedp.MouseClickXY(top.X, top.Y))
	if js[string](ctx, t, "location.pathname") != "/" || top.Text != "" {
		t.Errorf("a click beside all points leads to %s", js[string](ctx, t, "location.href"))
	}
}
