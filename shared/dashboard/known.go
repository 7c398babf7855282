package dashboard

import (
	"strconv"
	"strings"
	"time"
)

// knownChat is what is known of a chat.
type knownChat struct {
	RequestedAt, EndedAt                        string
	VisitorID, VisitorName, CampaignID, Outcome string
	Open                                        bool
	WaitSeconds                                 *float64
	Departments                                 []known
	Agents                                      []struct {
		known
		From, Until string
	}
	Interactions []struct {
		FirstResponseSeconds *float64
		ResponseSeconds      []float64
	}
	Rating                                      *int64
	AgentMessages, VisitorMessages, BotMessages int
}

// property is one thing that is known.
type property struct{ Name, Value string }

// properties tells what is known in words, in a zone; what is not is left out.
func (k *knownChat) properties(campaign string, in *time.Location) (out []property) {
	say := func(name string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			out = append(out, property{name, text})
		}
	}
	lengths := func(seconds ...float64) (texts []string) {
		for _, s := range seconds {
			texts = append(texts, length(s))
		}
		return texts
	}
	outcome := values()["outcome="+k.Outcome]
	if k.Open {
		outcome += ", goes on"
	}
	say("Outcome", outcome)
	say("Visitor", both(k.VisitorName, k.VisitorID))
	say("Requested at", local(k.RequestedAt, in))
	say("Ended at", local(k.EndedAt, in))
	if k.WaitSeconds != nil {
		say("Wait", lengths(*k.WaitSeconds)...)
	}
	for i, part := range k.Interactions {
		of := ""
		if len(k.Interactions) > 1 {
			of = ", interaction " + strconv.Itoa(i+1)
		}
		if part.FirstResponseSeconds != nil {
			say("First response"+of, lengths(*part.FirstResponseSeconds)...)
		}
		say("Responses"+of, lengths(part.ResponseSeconds...)...)
	}
	var departments, agents []string
	for _, d := range k.Departments {
		departments = append(departments, both(d.Name, d.ID))
	}
	for _, a := range k.Agents {
		if a.From == a.Until { // told again in the same moment
			continue
		}
		stay := both(a.Name, a.ID) + " from " + k.at(a.From, in)
		if a.Until != "" {
			stay += " to " + k.at(a.Until, in)
		}
		agents = append(agents, stay)
	}
	say("Departments", departments...)
	say("Agents", strings.Join(agents, "; "))
	if k.CampaignID != "" {
		say("Campaign", both(campaign, k.CampaignID))
	}
	var wrote []string
	for _, w := range []struct {
		whose string
		n     int
	}{{roleVisitor, k.VisitorMessages}, {roleAgent, k.AgentMessages}, {roleBot, k.BotMessages}} {
		if w.n > 0 {
			wrote = append(wrote, strconv.Itoa(w.n)+" of the "+w.whose)
		}
	}
	say("Messages", wrote...)
	if k.Rating != nil {
		say("Rating", strconv.FormatInt(*k.Rating, 10)+" of 5")
	}
	return out
}

// at is a time, without the day if that is the request's.
func (k *knownChat) at(text string, in *time.Location) string {
	requested, _, _ := strings.Cut(local(k.RequestedAt, in), " ")
	return strings.TrimPrefix(local(text, in), requested+" ")
}
