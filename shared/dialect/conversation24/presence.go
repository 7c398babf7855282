package conversation24

import "chatreports/shared/conversation"

// presence is what an agent had to do with chats: the times in them, and the ratings of
// those that the agent had joined by then.
type presence struct {
	stays   []*stay
	ratings []*rating
}

// stay is a time an agent was in a chat.
type stay struct {
	Agent, Chat, Campaign string
	Source                string // of the chat's request
	From, To              int64
	// Joined: it began by joining. A reopening only puts back who was in the chat.
	Joined bool
	// Word is up to when the agent had written nothing since joining; it lies in the stay.
	Word int64
	// VisitorWrote and AgentWrote: at all, in the whole chat.
	VisitorWrote, AgentWrote bool
}

// rating is one of a chat, for each agent who had joined it.
type rating struct {
	Agent, Campaign string
	At, Score       int64
}

// staysOf lists the stays in a chat, in the order in which they began.
func staysOf(c *conversation.Conversation) []stay {
	wrote := map[string][]int64{} // by agent, when; the visitor is ""
	for _, s := range c.Steps() {
		if !s.IsMessage() {
			continue
		}
		switch a := s.Data.Actor; a.Type {
		case "user":
			wrote[""] = append(wrote[""], s.At)
		case "agent":
			wrote[a.ID] = append(wrote[a.ID], s.At)
		}
	}
	out := make([]stay, 0, len(c.Stays))
	joined := map[string]int64{} // by agent, when last
	for i := range c.Stays {
		s := &c.Stays[i]
		one := stay{
			Agent: s.Agent, Chat: c.ID, Campaign: c.Request.Data.Campaign(), Source: c.Request.Data.Source, From: s.From, To: s.To,
			Joined: joins(s), Word: s.To,
			VisitorWrote: len(wrote[""]) > 0, AgentWrote: len(wrote[s.Agent]) > 0,
		}
		if one.Joined {
			joined[s.Agent] = s.From
		}
		for _, at := range wrote[s.Agent] {
			if at >= joined[s.Agent] {
				one.Word = min(max(at, s.From), s.To)
				break
			}
		}
		out = append(out, one)
	}
	return out
}

// ratingsOf lists the ratings of a chat by the agents who had joined it by then.
func ratingsOf(c *conversation.Conversation) []rating {
	var out []rating
	for _, s := range c.Steps() {
		if s.Type != "chat.rated" {
			continue
		}
		seen := map[string]bool{}
		for j := range c.Stays {
			if agent := c.Stays[j].Agent; c.Stays[j].Joined.Compare(s.Place()) < 0 && !seen[agent] {
				seen[agent] = true
				out = append(out, rating{agent, c.Request.Data.Campaign(), s.At, s.Data.Score})
			}
		}
	}
	return out
}
