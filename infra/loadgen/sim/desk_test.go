package sim_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
)

// From a shortage on somebody waits at any moment, and never beside an agent of the same queue who has
// nothing to do for long; before it, and elsewhere, visitors wait for seconds.
func TestInAShortageVisitorsWaitForWhoHasNoTime(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { shortage(t, seed) })
	}
}

func shortage(t *testing.T, seed uint64) {
	cfg := sim.Config{Seed: seed, Start: monday, End: monday.AddDate(0, 0, 28), Scale: 0.04, Agents: 10, Shortage: monday.AddDate(0, 0, 14)}
	settled, short := monday.Add(time.Hour).UnixMilli(), cfg.Shortage.Add(time.Hour).UnixMilli()
	requested, waiting, agents, online := map[string]int64{}, map[string]string{}, map[string]string{}, map[string]bool{}
	in, open := map[string]map[string]bool{}, map[string]int64{} // chats by agent, and since when
	var before, elsewhere, there []int64
	var last, nobody, beside, alone int64
	desk := ""
	for e := range sim.New(cfg).Events() {
		if e.At > short {
			if len(waiting) == 0 {
				nobody += e.At - last
			}
			if len(waiting) > 1 {
				for id := range online {
					if agents[id] == desk && len(in[id]) == 0 {
						beside += e.At - last
					}
				}
			}
		}
		if e.At > settled && len(online) == 0 {
			alone += e.At - last
		}
		last = e.At
		switch e.Type {
		case "department.updated":
			if *e.Data.Name == "Technical" {
				desk = e.Subject
			}
		case "agent.updated":
			if e.Data.DepartmentIDs != nil {
				agents[e.Subject] = strings.Join(*e.Data.DepartmentIDs, " ")
			}
		case "agent.status_changed":
			if delete(online, e.Subject); e.Data.Status == "online" {
				online[e.Subject] = true
			}
		case "chat.requested":
			requested[e.Subject] = e.At
		case "chat.queued":
			waiting[e.Subject] = e.Data.RouteTo.ID
		case "chat.accepted":
			if at, first := requested[e.Subject]; first && e.Data.DepartmentID != "" {
				switch wait := e.At - at; {
				case e.Data.DepartmentID == desk && at > short:
					there = append(there, wait)
				case at > short:
					elsewhere = append(elsewhere, wait)
				default:
					before = append(before, wait)
				}
			}
			if in[e.Data.AgentID] == nil {
				in[e.Data.AgentID] = map[string]bool{}
			}
			in[e.Data.AgentID][e.Subject] = true
		case "chat.closed", "chat.transferred", "chat.left":
			for _, c := range in {
				delete(c, e.Subject)
			}
		}
		switch e.Type {
		case "chat.accepted", "chat.abandoned", "chat.missed", "chat.switched_to_message", "chat.closed":
			delete(waiting, e.Subject)
			delete(requested, e.Subject)
		}
		switch e.Type {
		case "chat.accepted", "bot.interaction", "chat.reopened":
			open[e.Subject] = e.At
		case "chat.closed":
			delete(open, e.Subject)
		}
	}
	ninth := func(waits []int64) time.Duration {
		slices.Sort(waits)
		return time.Duration(waits[len(waits)*9/10]) * time.Millisecond
	}
	forgotten := 0
	for id, at := range open {
		if at < cfg.End.Add(-12*time.Hour).UnixMilli() {
			forgotten++
			t.Logf("chat %s goes on since %s", id, time.UnixMilli(at).UTC())
		}
	}
	if forgotten > 0 {
		t.Errorf("%d chats go on for ever", forgotten)
	}
	if nobody > 0 || alone > 0 {
		t.Errorf("nobody waits for %v, nobody is online for %v", time.Duration(nobody)*time.Millisecond, time.Duration(alone)*time.Millisecond)
	}
	if share := float64(beside) / float64(cfg.End.UnixMilli()-short); share > 0.05 {
		t.Errorf("for %.2f of the time some wait beside an agent of the same department without a chat", share)
	}
	if longest := time.Duration(slices.Max(there)) * time.Millisecond; longest > 59*time.Minute {
		t.Errorf("somebody waits for %v", longest)
	}
	t.Logf("9 of 10 wait less than %v before, %v elsewhere, %v there; %d of %d waited there", ninth(before), ninth(elsewhere), ninth(there), len(there), len(there)+len(elsewhere))
	if ninth(before) > time.Minute || ninth(elsewhere) > 2*time.Minute || ninth(there) > 40*time.Minute || ninth(there) < 5*time.Minute {
		t.Errorf("9 of 10 wait less than %v before, %v elsewhere, %v there", ninth(before), ninth(elsewhere), ninth(there))
	}
}
