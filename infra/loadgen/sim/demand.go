package sim

import (
	"hash/fnv"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// chatsPerArrival is the share of arrivals that end in a request for a chat.
const chatsPerArrival = 0.70

var (
	// byHour is how busy the hours of a day are; only proportions matter.
	byHour = [24]float64{
		.12, .07, .05, .04, .05, .08, .18, .40, .80, 1.25, 1.50, 1.50,
		1.25, 1.30, 1.45, 1.40, 1.25, 1.00, .80, .70, .60, .45, .30, .20,
	}
	byHourSum = 16.74
	// byWeekday starts on Sunday; workdays average 1.
	byWeekday = [7]float64{.34, 1.12, 1.05, 1.00, .97, .86, .42}
)

// Surges: on some days something (a newsletter, an outage) brings more people.
const (
	surgeFactor  = 2.2
	surgeMinutes = 40
	surgeShare   = 0.25 // of the days
)

// rate remembers the arrivals per millisecond of one minute.
type rate struct {
	minute, day  int64
	surge        int // minute of the day at which the day's surge begins; negative without one
	perMilli     float64
	perMilliPeak float64
}

// arrivalRate is the expected number of arrivals a millisecond at a moment.
func (r *run) arrivalRate(at int64) float64 {
	if r.rate.perMilliPeak > 0 && at/minute == r.rate.minute {
		return r.rate.perMilli
	}
	t := time.UnixMilli(at).In(r.cfg.Zone)
	if day := int64(t.Year()*1000 + t.YearDay()); day != r.rate.day {
		r.rate.day, r.rate.surge = day, surgeOf(r.cfg.Seed, day)
	}
	base := ChatsPerWorkday / chatsPerArrival * r.cfg.Scale / byHourSum / float64(hour)
	h, m := t.Hour(), t.Minute()
	// The figure of an hour holds at its half; between two halves it changes evenly.
	from, to, part := h, (h+1)%24, float64(m-30)/60
	if m < 30 {
		from, to, part = (h+23)%24, h, float64(m+30)/60
	}
	v := base * byWeekday[t.Weekday()] * (byHour[from]*(1-part) + byHour[to]*part)
	if s := r.rate.surge; s >= 0 && h*60+m >= s && h*60+m < s+surgeMinutes {
		v *= surgeFactor
	}
	r.rate.minute, r.rate.perMilli = at/minute, v
	r.rate.perMilliPeak = base * 1.5 * 1.12 * surgeFactor
	return v
}

func surgeOf(seed uint64, day int64) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatUint(seed, 36) + "/" + strconv.FormatInt(day, 10)))
	v := h.Sum64() >> 8
	if float64(v%1000) >= surgeShare*1000 {
		return -1
	}
	return int(9*60 + v/1000%(7*60))
}

// planArrival finds the next arrival by thinning: candidates come at the highest
// rate there is and are taken in proportion to the rate of their moment.
func (r *run) planArrival() {
	at := r.now
	r.arrivalRate(at)
	carry := 0.0 // parts of a millisecond
	for {
		step := r.rng.ExpFloat64()/r.rate.perMilliPeak + carry
		at += int64(step)
		carry = step - float64(int64(step))
		if r.rng.Float64()*r.rate.perMilliPeak < r.arrivalRate(at) {
			break
		}
	}
	r.at(at, func() {
		r.arrive()
		r.planArrival()
	})
}

// visitor is a person; some come back.
type visitor struct {
	id, name, kind string
	segments       []string
	lastAgent      *agent
}

// visit is one stay on the site.
type visit struct {
	*visitor
	campaign *named
	host     *named
	page     string
	entry    string // the entry point or invitation that led to a chat
	patience int64  // if there is any: waits for so long, whoever is free
}

var (
	visitorNames = []string{"", "", "", "Alex", "Chris", "Kim", "Robin", "Sam", "José", "Mia"}
	visitorKinds = []string{"", "lead", "contact", "contact", "lead_stage_two"}
	segments     = []string{"segment-vip", "segment-returning", "segment-cart", "segment-trial"}
	pages        = []string{"/", "/pricing", "/products/1", "/products/2", "/products/3", "/cart", "/checkout", "/help", "/help/returns", "/contact"}
	buttons      = []string{"Header button", "Product page button", "Contact page button"}
)

const keepVisitors = 4096

func (r *run) someone() *visitor {
	if len(r.recent) > 50 && r.chance(0.25) {
		return pick(r, r.recent)
	}
	r.visitors++
	v := &visitor{id: r.number(4, r.visitors), name: pick(r, visitorNames), kind: pick(r, visitorKinds)}
	for _, s := range segments {
		if r.chance(0.18) {
			v.segments = append(v.segments, s)
		}
	}
	if len(r.recent) < keepVisitors {
		r.recent = append(r.recent, v)
	} else {
		r.recent[r.rng.IntN(keepVisitors)] = v
	}
	return v
}

// visit brings one person to the site.
func (r *run) visit() *visit {
	v := &visit{visitor: r.someone(), host: pick(r, r.cast.hosts)}
	// The first campaign is the busiest.
	v.campaign = r.cast.campaigns[min(r.rng.IntN(len(r.cast.campaigns)), r.rng.IntN(len(r.cast.campaigns)))]
	r.turnPage(v)
	return v
}

// arrive lets one person do something.
func (r *run) arrive() {
	v := r.visit()
	switch p := r.rng.Float64(); {
	case p < 0.46: // straight to the chat
		v.entry = "button-" + strconv.Itoa(1+r.rng.IntN(len(buttons)))
		r.browse(v, 0, func() { r.request(v, "visitor", nil) })
	case p < 0.66:
		r.browse(v, r.rng.IntN(3), func() { r.clickButton(v) })
	case p < 0.75:
		r.browse(v, r.rng.IntN(2), func() { r.invite(v, pick(r, r.cast.invitations), nil) })
	case p < 0.79:
		r.browse(v, r.rng.IntN(2), func() { r.inviteByHand(v) })
	case p < 0.97:
		r.browse(v, r.rng.IntN(3), func() { r.leaveSite(v) })
	default:
		r.offlineMessage(v, r.otherID("o"), "button")
	}
}

func (r *run) turnPage(v *visit) {
	v.page = "https://" + v.host.name + pages[min(r.rng.IntN(len(pages)), r.rng.IntN(len(pages)))]
}

// browse starts a visit, turns that many pages and goes on with then.
func (r *run) browse(v *visit, turns int, then func()) {
	r.emit("visit.started", v.id, &event.Data{
		CampaignID: &v.campaign.id, HostID: v.host.id, PageURL: v.page, SessionID: r.otherID("s"), SegmentIDs: v.segments,
	})
	r.walk(v, turns, then)
}

func (r *run) walk(v *visit, turns int, then func()) {
	r.after(r.around(3*second, 30*second), func() {
		if turns == 0 {
			then()
			return
		}
		r.turnPage(v)
		r.emit("page.viewed", v.id, &event.Data{CampaignID: &v.campaign.id, HostID: v.host.id, PageURL: v.page})
		r.walk(v, turns-1, then)
	})
}

func (r *run) clickButton(v *visit) {
	i := r.rng.IntN(len(buttons))
	v.entry = "button-" + strconv.Itoa(1+i)
	d := event.Data{EntrypointID: v.entry, EntrypointType: "button", EntrypointName: buttons[i], CampaignID: &v.campaign.id}
	r.emit("entrypoint.viewed", v.id, &d)
	r.after(r.around(second, 8*second), func() {
		r.emit("entrypoint.clicked", v.id, &d)
		r.after(r.around(second, 5*second), func() { r.request(v, "visitor", nil) })
	})
}

// leaveSite ends a visit without a chat; some have bought something.
func (r *run) leaveSite(v *visit) {
	switch p := r.rng.Float64(); {
	case p < 0.08:
		r.convert(v, "", nil, nil)
	case p < 0.25:
		i := r.rng.IntN(len(buttons))
		r.emit("entrypoint.viewed", v.id, &event.Data{
			EntrypointID: "button-" + strconv.Itoa(1+i), EntrypointType: "button", EntrypointName: buttons[i], CampaignID: &v.campaign.id,
		})
	}
}

var actions = []struct {
	id    string
	value float64 // typical
}{{"purchase", 60}, {"signup", 0}, {"trial", 10}, {"callback", 0}}

func (r *run) convert(v *visit, chatID string, a *agent, d *department) {
	action := pick(r, actions)
	data := event.Data{ActionID: action.id, ChatID: chatID}
	// Whole cents.
	data.SetValue(event.Decimal(int64(action.value*100*r.rng.ExpFloat64()) * 10_000))
	if a != nil {
		data.AgentID = a.id
	}
	if d != nil {
		data.DepartmentID = d.id
	}
	r.emit("conversion.recorded", v.id, &data)
}

func (r *run) offlineMessage(v *visit, id, from string) {
	d := event.Data{From: from, CampaignID: &v.campaign.id, SegmentIDs: v.segments}
	if r.chance(0.6) {
		d.DepartmentID = pick(r, r.cast.departments).id
	}
	r.emit("offline_message.submitted", id, &d)
}
