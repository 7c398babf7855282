package explain

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"

	"chatreports/shared/dialect"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/naming"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Chat is what is known of a chat that a row is of.
type Chat struct {
	// Href is where all of it is told.
	Href        string `json:"href"`
	VisitorID   string `json:"visitorId"`
	VisitorName string `json:"visitorName"`
	// Outcome is chat, missed, refused or pending.
	Outcome string `json:"outcome"`
	// Agents are those who took part, Departments those that it counts for.
	Agents      []Named `json:"agents"`
	Departments []Named `json:"departments"`
}

// Named is an entity with its name.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// announcing are the kinds of what .updated events name.
var announcing = []string{"agent", "department", "campaign", "invitation", "canned_message", "story"}

// name gives the rows of a page names, and those that are of chats what is known of the chat.
func (a *API) name(ctx context.Context, r *dialect.Request, page *Page) error {
	snapshot, err := report.Open(ctx, a.state, r.Tenant.ID, r.Now, announcing...)
	if err != nil {
		return err
	}
	listing, err := snapshot.Listing()
	if err != nil {
		return err
	}
	names := naming.New(ctx, r.Tenant.ID, journal.New(a.journal), listing)
	chats, err := chats(ctx, snapshot.State(), r.Tenant.ID, page)
	if err != nil {
		return err
	}
	for i := range page.Rows {
		row := &page.Rows[i]
		switch row.Kind {
		case "chat":
			if c := chats[row.ID]; c != nil {
				row.Chat = known(row.ID, c, names)
			}
		case "visitor":
			row.Name = names.Name("user", row.ID)
		case "agent":
			row.Name = names.Name("agent", row.ID)
		}
		row.AgentName = names.Name("agent", row.AgentID)
		if row.Key, err = namedKey(row.Key, names); err != nil {
			return err
		}
	}
	return names.Err()
}

// chats reads those that the rows are of, by id.
func chats(ctx context.Context, state table.Table, tenant string, page *Page) (map[string]*fact.Chat, error) {
	var ids []string
	for i := range page.Rows {
		if page.Rows[i].Kind == "chat" {
			ids = append(ids, page.Rows[i].ID)
		}
	}
	return facts.Chats(ctx, state, tenant, ids)
}

func known(id string, c *fact.Chat, names *naming.Directory) *Chat {
	out := &Chat{Href: "/v1/chats/" + url.PathEscape(id), Outcome: c.Outcome(), Agents: []Named{}, Departments: []Named{}}
	if out.Outcome == fact.Pending {
		out.Outcome = "pending"
	}
	if c.Request != nil {
		out.VisitorID, out.VisitorName = c.Request.VisitorID, names.Name("user", c.Request.VisitorID)
	}
	for _, id := range c.Parts() {
		out.Agents = append(out.Agents, Named{id, names.Name("agent", id)})
	}
	for _, id := range c.InDepartments() {
		out.Departments = append(out.Departments, Named{id, names.Name("department", id)})
	}
	return out
}

// namedKey puts beside the ids in what a key stands for their names.
func namedKey(key any, names *naming.Directory) (any, error) {
	if key == nil {
		return nil, nil
	}
	raw, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	withNames(value, names)
	return value, nil
}

func withNames(value any, names *naming.Directory) {
	switch v := value.(type) {
	case []any:
		for _, e := range v {
			withNames(e, names)
		}
	case map[string]any:
		found := map[string]any{}
		for member, value := range v {
			if id, ok := value.(string); ok && naming.Kinds[member] != "" {
				found[naming.Property(member)] = names.Name(naming.Kinds[member], id)
			}
			withNames(value, names)
		}
		maps.Copy(v, found)
	}
}
