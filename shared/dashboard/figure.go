package dashboard

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// number is a property of a row; ok is false where it has nothing to say.
func number(r row, name string) (value float64, ok bool) {
	value, err := strconv.ParseFloat(r[name], 64)
	return value, err == nil
}

// spot is where a figure stands: the key of its row, and the entity of its column.
type spot struct{ key, entity string }

// cell is a figure of a row, with where what it is made of can be seen.
func (a *asker) cell(p *panel, part *part, r row, at spot, name string) cell {
	value, ok := number(r, name)
	c := cell{Key: at.key, Value: value, Missing: !ok, Text: "–"}
	if ok {
		c.Text = write(value, words[name].Unit)
		c.Href = a.behind(p, part, at, name)
	}
	if other := r.within(a.view.Compare); len(other) > 0 {
		before, had := number(other, name)
		c.before, c.Previous, c.Change, c.Before = before, "–", "same", a.view.before()
		if had {
			c.Previous, c.Earlier = write(before, words[name].Unit), strconv.FormatFloat(before, 'g', -1, 64)
		}
		if ok && had {
			c.Change = change(before, value, words[name])
		}
	}
	return c
}

// behind is the address of the rows that a figure is made of.
func (a *asker) behind(p *panel, part *part, at spot, name string) string {
	q := a.view.ask(p, part)
	q.Del("compare")
	q.Set("names", "true")
	q.Set("report", part.report)
	measure, _, _ := strings.Cut(name, ".")
	q.Set("measure", measure)
	switch {
	case p.group == byTime || p.group == byHourOfWeek:
		q.Set("bucket", at.key)
	case p.group != inAll:
		q.Set("entity", at.key)
	}
	if at.entity != "" {
		q.Set("entity", at.entity)
	}
	return "/dashboard/rows?" + q.Encode()
}

// narrowed is the address of the same page about one row only: an entity, or a period.
func (a *asker) narrowed(p *panel, key string) string {
	for _, f := range filters {
		if key != ofNone && f.Name == p.group && a.view.Filters[f.Name] == "" {
			return "?" + a.view.address(f.Name, key)
		}
	}
	return ""
}

// write writes a figure for people.
func write(value float64, u unit) string {
	switch u {
	case seconds:
		return length(value)
	case share:
		return strconv.FormatFloat(value*100, 'f', 1, 64) + " %"
	case score:
		return strconv.FormatFloat(value, 'f', 2, 64)
	case mean:
		if value == math.Trunc(value) {
			return thousands(value)
		}
		return parted(strconv.FormatFloat(value, 'f', 2, 64))
	}
	return thousands(value)
}

// length is a length of time in its two largest units.
func length(value float64) string {
	d := time.Duration(math.Round(value)) * time.Second
	switch h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60; {
	case value > 0 && value < 10:
		return strconv.FormatFloat(value, 'f', 1, 64) + " s"
	case h >= 100:
		return fmt.Sprintf("%s h", thousands(float64(h)))
	case h > 0:
		return fmt.Sprintf("%d h %02d m", h, m)
	case m > 0:
		return fmt.Sprintf("%d m %02d s", m, s)
	default:
		return fmt.Sprintf("%d s", s)
	}
}

// thousands is a whole number with narrow spaces between its thousands.
func thousands(value float64) string {
	return parted(strconv.FormatFloat(math.Round(value), 'f', 0, 64))
}

// exactly is a number with all its digits.
func exactly(value any) string {
	switch v := value.(type) {
	case float64:
		return parted(strconv.FormatFloat(v, 'f', -1, 64))
	default:
		return parted(fmt.Sprint(v))
	}
}

// parted puts narrow spaces between the thousands of a number.
func parted(text string) string {
	text, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "\u202f" + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		whole = "−" + whole
	}
	return whole
}

// known are the entities of a kind.
type known struct{ ID, Name string }

// directories read the entities of each kind that has names, once a page.
func (a *asker) directories() map[string]func() ([]known, error) {
	out := map[string]func() ([]known, error){}
	kinds := []string{"channel", "canned_message"}
	for _, g := range groups {
		if g.kind != "" {
			kinds = append(kinds, g.kind)
		}
	}
	for _, kind := range kinds {
		out[kind] = sync.OnceValues(func() (all []known, err error) {
			return all, a.get(a.Lookup, "/v1/directory/"+kind, url.Values{}, &all)
		})
	}
	return out
}

// names are those of the entities of a group, by id.
func (a *asker) names(group string) (map[string]string, error) {
	kind := groups[group].kind
	if kind == "" {
		return nil, nil
	}
	all, err := a.known[kind]()
	names := make(map[string]string, len(all))
	for _, e := range all {
		names[e.ID] = e.Name
	}
	return names, err
}
