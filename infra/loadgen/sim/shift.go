package sim

import (
	"hash/fnv"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// shifts are minutes after local midnight; a night shift ends on the next day.
var shifts = []struct {
	from, to int
	share    float64
}{
	{6*60 + 30, 15 * 60, 0.25},
	{8*60 + 30, 17 * 60, 0.45},
	{13 * 60, 21*60 + 30, 0.22},
	{21 * 60, 29*60 + 30, 0.08},
}

// planFirstDays plans the shifts that are under way at the start, and all later ones.
func (r *run) planFirstDays() {
	t := r.local()
	today := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, r.cfg.Zone)
	r.planShifts(today.AddDate(0, 0, -1))
	r.planDay(today)
}

func (r *run) planDay(day time.Time) {
	r.planShifts(day)
	next := day.AddDate(0, 0, 1)
	r.at(next.UnixMilli(), func() { r.planDay(next) })
}

func (r *run) planShifts(day time.Time) {
	if r.cfg.RoundTheClock {
		r.planThirds(day)
		return
	}
	year, week := day.ISOWeek()
	for i, a := range r.cast.agents {
		if !a.works(day, i, week) || r.chance(0.06) { // some are ill
			continue
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(a.id + "/" + strconv.Itoa(year*100+week) + "/" + strconv.FormatUint(r.cfg.Seed, 36)))
		p := float64(h.Sum64()>>8%1000) / 1000
		s := shifts[0]
		for _, s = range shifts {
			if p -= s.share; p < 0 {
				break
			}
		}
		r.planShift(a, r.about(day, s.from), r.about(day, s.to))
	}
}

// about is a moment some minutes around that minute after local midnight.
func (r *run) about(day time.Time, m int) int64 {
	t := time.Date(day.Year(), day.Month(), day.Day(), 0, m, 0, 0, r.cfg.Zone)
	return t.UnixMilli() + r.between(-8*minute, 8*minute)
}

// thirds are the shifts of a centre that never closes: one begins half an hour
// before the one before it ends.
var thirds = [3]struct{ from, to int }{
	{6 * 60, 14*60 + 30},
	{14 * 60, 22*60 + 30},
	{22 * 60, 30*60 + 30},
}

// planThirds plans a day of a centre that never closes. Agents keep to their third;
// each has two days of the week free, which are others than the next one's, and
// nobody who is alone has any.
func (r *run) planThirds(day time.Time) {
	_, week := day.ISOWeek()
	d := (int(day.Weekday()) + 6) % 7 // from Monday on, as weeks are
	for i, a := range r.cast.agents {
		third, place := i%len(thirds), i/len(thirds)
		alone := third+len(thirds) >= len(r.cast.agents)
		if free := (place + week) % 3; !alone && !a.specialist && d/2 == free {
			continue
		}
		r.planShift(a, r.about(day, thirds[third].from), r.about(day, thirds[third].to))
	}
}

// works says whether a day is a working day of the agent: Monday to Friday for
// most, any five of seven for the others.
func (a *agent) works(day time.Time, i, week int) bool {
	d := int(day.Weekday())
	if !a.worksWeekends {
		return d != 0 && d != 6
	}
	free := (i + week) % 7
	return d != free && d != (free+1)%7
}

func (r *run) planShift(a *agent, from, to int64) {
	now := r.now
	if to <= now+10*minute {
		return
	}
	if from < a.rested {
		return // came off a night shift just now
	}
	a.rested = to + 9*hour
	if from < now {
		from = now + r.between(0, minute)
	}
	r.at(from, func() { r.login(a) })
	r.at(to, func() { r.logout(a) })
	pause := func(part float64, status string, length int64) {
		at := from + int64(float64(to-from)*part) + r.between(-15*minute, 15*minute)
		if at > from+10*minute && at < to-length {
			r.at(at, func() { r.pause(a, status, length) })
		}
	}
	pause(0.25, "away", r.between(7*minute, 16*minute))
	if a.specialist { // whom somebody waits for
		return
	}
	pause(0.48, "Lunch", r.between(28*minute, 45*minute))
	pause(0.78, "away", r.between(7*minute, 16*minute))
	if r.chance(0.12) {
		pause(0.62, "Training", r.between(40*minute, 75*minute))
	}
	if r.chance(0.15) {
		r.at(from+r.between(hour, 6*hour), func() { r.stopAssigning(a) })
	}
}

func (r *run) setStatus(a *agent, status string) {
	if a.status == status {
		return
	}
	a.status = status
	d := event.Data{Status: status}
	if a.campaign != nil {
		d.CampaignID = &a.campaign.id
	}
	r.emit("agent.status_changed", a.id, &d)
}

func (r *run) login(a *agent) {
	a.leaving, a.noAssign = false, false
	r.setStatus(a, "online")
	r.pull(a)
}

// logout takes effect when the last chat is over.
func (r *run) logout(a *agent) {
	a.leaving = true
	if a.open == 0 {
		r.setStatus(a, "offline")
	}
}

func (r *run) pause(a *agent, status string, length int64) {
	if !a.here() || r.cfg.RoundTheClock && !r.othersHere(a) {
		return
	}
	r.setStatus(a, status)
	r.after(length, func() {
		if a.status == status && !a.leaving {
			r.setStatus(a, "online")
			r.pull(a)
		}
	})
}

func (r *run) stopAssigning(a *agent) {
	if !a.here() || a.noAssign {
		return
	}
	a.noAssign = true
	d := event.Data{}
	if r.chance(0.5) {
		d.By = a.actor
	}
	r.emit("agent.auto_assign_changed", a.id, &d)
	r.after(r.between(10*minute, 40*minute), func() {
		if a.noAssign && a.status != "offline" {
			a.noAssign = false
			r.emit("agent.auto_assign_changed", a.id, &event.Data{Enabled: true, By: d.By})
			r.pull(a)
		}
	})
}

// planChange lets an agent change departments or limits now and then.
func (r *run) planChange() {
	r.after(r.around(hour, 40*hour), func() {
		a := pick(r, r.cast.agents)
		if a.specialist {
			r.planChange()
			return
		}
		if r.chance(0.3) {
			a.max += pick(r, []int64{-1, 1})
			a.max = max(1, a.max)
			r.emit("agent.updated", a.id, &event.Data{MaxConcurrentChats: new(a.max)})
		} else if len(r.cast.usual) > 1 {
			r.changeDepartments(a)
		}
		r.planChange()
	})
}

func (r *run) changeDepartments(a *agent) {
	for _, d := range a.departments {
		d.line.remove(a)
	}
	first := r.rng.IntN(len(r.cast.usual))
	a.departments = []*department{r.cast.usual[first]}
	if r.chance(0.3) {
		a.departments = append(a.departments, r.cast.usual[(first+1)%len(r.cast.usual)])
	}
	for _, d := range a.departments {
		d.line.agents = append(d.line.agents, a)
	}
	r.emit("agent.updated", a.id, &event.Data{DepartmentIDs: a.departmentIDs()})
}
