package sim

import "chatreports/shared/event"

// Positions in a story's list of interactions.
const (
	welcome = iota
	fallback
	contextFallback
	firstIntent
)

// startBot lets the bot welcome a visitor and talk until it has solved the
// question or hands over.
func (r *run) startBot(c *chat) {
	c.enter(atBot)
	c.botTook = true
	s := pick(r, r.cast.stories)
	r.later(c, r.between(200, 900), func() {
		r.interact(c, s, welcome)
		r.say(c, r.cast.bot, 50)
		r.askBot(c, s, 1+r.rng.IntN(2))
	})
}

func (r *run) interact(c *chat, s *story, i int) {
	in := s.interactions[i]
	r.emit("bot.interaction", c.id, &event.Data{
		StoryID: s.id, InteractionID: in.ID, InteractionName: in.Name, InteractionType: in.Type, ParentID: in.ParentID,
		Source: botSources[c.channel],
	})
}

// askBot is one question to the bot and its answer.
func (r *run) askBot(c *chat, s *story, left int) {
	r.later(c, r.around(3*second, 18*second), func() {
		r.say(c, &c.user, 35)
		r.later(c, r.between(400, 1800), func() {
			i := firstIntent + r.rng.IntN(len(s.interactions)-firstIntent)
			switch p := r.rng.Float64(); {
			case p < 0.15:
				i = fallback
			case p < 0.20:
				i = contextFallback
			}
			r.interact(c, s, i)
			r.say(c, r.cast.bot, 80)
			switch {
			case left > 1:
				r.askBot(c, s, left-1)
			case r.chance(0.45):
				r.solvedByBot(c)
			default:
				r.handOver(c)
			}
		})
	})
}

func (r *run) solvedByBot(c *chat) {
	r.later(c, r.around(10*second, 40*second), func() {
		r.emit("chat.closed", c.id, &event.Data{By: r.cast.bot, ResolveType: "bot"})
		c.enter(over)
		r.afterwards(c)
	})
}

// handOver gives the chat to people.
func (r *run) handOver(c *chat) {
	if c.department == nil {
		c.department = r.askedDepartment()
	}
	r.emit("chat.assigned", c.id, &event.Data{
		GroupID: c.department.id, GroupName: c.department.name, By: r.cast.bot, Routing: "rule",
	})
	c.since = r.now
	r.enqueue(c)
}
