package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/step"
	"chatreports/shared/stored"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// folder is what was delivered of the periods that begin on one day of the zone. It is
// what manifest.json says, and is stored so that two who write meet here.
type folder struct {
	Report  string      `cbor:"1,keyasint,omitempty"`
	Periods []delivered `cbor:"2,keyasint,omitempty"`

	day  string
	item table.Item // as it was read
}

// delivered is one period, its versions the newest last. Times are Unix milliseconds.
type delivered struct {
	_        struct{} `cbor:",toarray"`
	From, To int64
	Versions []version
}

// version is one object.
type version struct {
	_       struct{} `cbor:",toarray"`
	Object  string   // its name in the folder
	Rows    int64
	Bytes   int64
	SHA256  []byte
	Counted int64
	Written int64
}

func folderPart(tenant, id string) string { return table.Join(tenant, "delivered", id) }

// readFolder reads the folder of a day, which need not be there.
func readFolder(ctx context.Context, state table.Table, tenant, id, day string) (*folder, error) {
	items, err := state.Get(ctx, table.Key{Part: folderPart(tenant, id), Sort: day})
	if err != nil {
		return nil, fmt.Errorf("reading what schedule %q of %q has delivered: %w", id, tenant, err)
	}
	f := &folder{day: day, item: items[0]}
	if f.item.Version > 0 {
		if err := stored.Unmarshal(f.item.Value, f); err != nil {
			return nil, fmt.Errorf("what schedule %q of %q delivered of %s cannot be read: %w", id, tenant, day, err)
		}
	}
	return f, nil
}

// op is the operation that stores the folder unless somebody else has changed it.
func (f *folder) op() (table.Op, error) {
	raw, err := stored.MarshalCompact(f)
	return table.Op{Item: table.Item{Key: f.item.Key, Value: raw, Version: f.item.Version + 1}, If: table.Unchanged(f.item)}, err
}

// of finds a period among those delivered.
func (f *folder) of(p step.Span) *delivered {
	i := slices.IndexFunc(f.Periods, func(d delivered) bool { return d.From == p.From && d.To == p.To })
	if i < 0 {
		return nil
	}
	return &f.Periods[i]
}

// add adds an object, to its period or as the first of it.
func (f *folder) add(p step.Span, v version) {
	if d := f.of(p); d != nil {
		d.Versions = append(d.Versions, v)
		return
	}
	f.Periods = append(f.Periods, delivered{From: p.From, To: p.To, Versions: []version{v}})
	slices.SortFunc(f.Periods, func(a, b delivered) int { return int(min(1, max(-1, a.From-b.From))) })
}

// dayOf is the folder that a period is in: the day of the zone that it begins on.
func dayOf(zone calendar.Zone, p step.Span) string { return zone.Wall(p.From).Format(time.DateOnly) }

// nameOf is the name that a run gives to the object of a period. It is another for
// every run, so that no object is ever replaced by another.
func (t *Timing) nameOf(p step.Span, run uint64, format string) string {
	name := dayOf(t.zone, p)
	if t.part > 0 {
		name = time.UnixMilli(p.From).UTC().Format("2006-01-02T1504Z")
	}
	return name + "." + strconv.FormatUint(run, 10) + "." + format
}

// Objects is what the keys of all schedules' objects begin with.
const Objects = "schedules/"

// Prefix is where all objects of a schedule are.
func Prefix(tenant, id string) string { return Objects + tenant + "/" + id + "/" }

const manifestName = "manifest.json"

// manifest is a folder as users read it.
type manifest struct {
	Tenant   string           `json:"tenant"`
	Schedule string           `json:"schedule"`
	Report   string           `json:"report"`
	Zone     string           `json:"zone"`
	Day      string           `json:"day"`
	Periods  []manifestPeriod `json:"periods"`
}

type manifestPeriod struct {
	From     string            `json:"from"`
	To       string            `json:"to"`
	Versions []manifestVersion `json:"versions"`
}

type manifestVersion struct {
	Version      int    `json:"version"`
	Object       string `json:"object"`
	Rows         int64  `json:"rows"`
	Bytes        int64  `json:"bytes"`
	SHA256       string `json:"sha256"`
	CountedUntil string `json:"countedUntil,omitempty"`
	WrittenAt    string `json:"writtenAt"`
}

// instant is RFC 3339 to the millisecond.
const instant = "2006-01-02T15:04:05.000Z"

func written(ms int64) string { return time.UnixMilli(ms).UTC().Format(instant) }

// manifest is the text of manifest.json.
func (f *folder) manifest(t *tenant.Tenant, id string) ([]byte, error) {
	m := manifest{Tenant: t.ID, Schedule: id, Report: f.Report, Zone: t.Zone, Day: f.day}
	for _, d := range f.Periods {
		p := manifestPeriod{From: written(d.From), To: written(d.To)}
		for i, v := range d.Versions {
			counted := ""
			if v.Counted > 0 {
				counted = written(v.Counted)
			}
			p.Versions = append(p.Versions, manifestVersion{i + 1, v.Object, v.Rows, v.Bytes, fmt.Sprintf("%x", v.SHA256), counted, written(v.Written)})
		}
		m.Periods = append(m.Periods, p)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return out.Bytes(), err
}
