package freshchat

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chatreports/shared/webhook"
)

// actor is who a row is about. Freshchat's own bot is a bot.
func (r *record) actor(id string) (kind string, a webhook.Members) {
	said := strings.ToLower(r.cell("actor_type"))
	kind = actorType(strings.ReplaceAll(said, " ", "_"))
	a = webhook.Actor(kind, id, r.text("actor_name"))
	if strings.HasPrefix(said, "freddy") {
		a["subType"] = "freddy"
	}
	return kind, a
}

// names tells what the row's agent, group and channel are called: once a day each, so that
// of a name that changed the newest day's counts.
func (r *record) names(t *webhook.Told, at time.Time) {
	day := at.Truncate(24 * time.Hour)
	for _, n := range []struct{ typ, id, member, name string }{
		{"agent.updated", r.cell("agent_id"), "username", r.text("agent_name")},
		{"department.updated", r.cell("group_id"), "name", r.text("group_name")},
		{"channel.updated", r.cell("channel_id"), "name", r.text("channel_name")},
	} {
		key := n.id + "/named/" + day.Format(time.DateOnly) + "/" + webhook.Digest(n.name)
		if n.id != "" && n.name != "" && r.again(n.typ+key) == 1 {
			t.Add(n.typ, n.id, key, day, webhook.Members{n.member: n.name})
		}
	}
}

// again counts how often something has been told. A file may have many millions of messages:
// of each only a hash is kept, the same in every run.
func (r *record) again(what string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what))
	key := h.Sum64()
	r.told[key]++
	return int(r.told[key])
}

// created tells that an interaction began, by a request or a reopening.
func (r *record) created(t *webhook.Told) error {
	at, ok := r.began()
	if !ok {
		var err error
		if at, err = r.time("created_at"); err != nil {
			return err
		}
	}
	r.names(t, at)
	if reopened, _ := r.truth("reopened"); reopened {
		r.reopened(t, at)
		return nil
	}
	kind, _ := r.actor("")
	initiated := kind
	if kind == "user" {
		initiated = "visitor"
	}
	data := webhook.Members{
		// Without a user, each conversation is its own visitor's.
		"visitorId": cmp.Or(r.cell("user_id"), r.conversation), "initiatedBy": initiated, "source": "visitor",
		"departmentId": r.cell("group_id"), "channelId": r.cell("channel_id"),
	}
	if offline, ok := r.truth("is_conv_offline"); ok {
		data["offline"] = offline
	}
	t.Add("chat.requested", r.conversation, requestID(r.conversation+"/"+strconv.FormatInt(at.UnixMilli(), 10), kind), at, data)
	return nil
}

func (r *record) reopened(t *webhook.Told, at time.Time) {
	who := ""
	if strings.EqualFold(r.cell("actor_type"), "user") {
		who = r.cell("user_id")
	}
	kind, by := r.actor(who)
	cause := strings.ToLower(r.cell("reopen_cause"))
	if cause == "freddy bot" {
		cause, by["subType"] = "bot", "freddy"
	}
	if !slices.Contains([]string{"agent_reopen", "user_message", "customer_dissatisfaction", "bot"}, cause) {
		cause = changes["conversation_reopen"].by[kind]
	}
	t.Add("chat.reopened", r.conversation, id(r.conversation, "reopened", at), at, webhook.Members{"by": by, "cause": cause})
}

// routings are how the system says that something was routed.
var routings = []string{"intelliAssign", "rule", "api", "dsat", "channel"}

// message tells a message. Rows have neither ids of messages nor their lengths: of several
// of one actor in a millisecond it is the first, the second, …
func (r *record) message(t *webhook.Told) error {
	at, err := r.time("created_at")
	if err != nil {
		return err
	}
	r.names(t, at)
	who := r.cell("actor_id")
	kind, by := r.actor(who)
	data := webhook.Members{"actor": by, "length": 0}
	if routed := r.cell("actor_sub_type"); slices.Contains(routings, routed) {
		data["routing"] = routed
	} else if routed != "" {
		by["subType"] = routed
	}
	message := id(r.conversation, "message", at) + "/" + kind + "/" + who
	if n := r.again(message); n > 1 {
		message += "/" + strconv.Itoa(n)
	}
	data["messageId"] = webhook.Digest(message)
	t.Add("message.sent", r.conversation, message, at, data)
	return nil
}

// transcript tells a message, by the id that the webhook knows it by.
func (r *record) transcript(t *webhook.Told) error {
	at, err := r.time("created_time")
	if err != nil {
		return err
	}
	message := r.cell("message_id")
	if message == "" {
		return errors.New("message_id is empty")
	}
	r.names(t, at)
	_, by := r.actor(r.cell("actor_id"))
	if name := strings.TrimSpace(r.cell("actor_first_name") + " " + r.cell("actor_last_name")); name != "" {
		by["name"] = name
	}
	text := r.cell("message_parts")
	length := utf8.RuneCountInString(text)
	var parts []part
	if json.Unmarshal([]byte(text), &parts) == nil {
		length = lengthOf(parts)
	}
	t.Add("message.sent", r.conversation, message, at, webhook.Members{
		"messageId": message, "actor": by, "length": length, "private": strings.EqualFold(r.cell("message_type"), "private"),
	})
	return nil
}

// resolveTypes are how a conversation was resolved.
var resolveTypes = map[string]string{"AGENT_RESOLVE": "agent", "AUTO_RESOLVE": "auto", "BOTS_RESOLVE": "bot", "FREDDY BOT RESOLVE": "bot"}

// resolved tells a resolution. When it was, our own extracts have as resolved_at. The
// vendor's created_at is when the conversation was created or, as others know it, when it
// was resolved: only a time after the interaction's begin can be the latter.
func (r *record) resolved(t *webhook.Told) error {
	column := "created_at"
	if r.cell("resolved_at") != "" {
		column = "resolved_at"
	}
	at, err := r.time(column)
	if err != nil {
		return err
	}
	if start, ok := r.began(); column == "created_at" && (!ok || !at.After(start)) {
		return errors.New("created_at is when the interaction began, or may be: when it was resolved the row does not say")
	}
	r.names(t, at)
	kind, by := r.actor(r.cell("actor_id"))
	typ := strings.ToUpper(r.cell("resolve_type"))
	if strings.HasPrefix(typ, "FREDDY") {
		by["subType"] = "freddy"
	}
	var who any = by
	if kind == "system" && r.cell("actor_id") == "" && r.cell("actor_name") == "" { // as rows have a rule
		who = "auto"
	}
	t.Add("chat.closed", r.conversation, id(r.conversation, "closed", at), at, webhook.Members{
		"by": who, "resolveType": cmp.Or(resolveTypes[typ], changes["conversation_resolution"].by[kind]),
		"agentId": r.cell("agent_id"), "groupId": r.cell("group_id"),
	})
	return nil
}

func (r *record) rated(t *webhook.Told) error {
	at, err := r.time("created_at")
	if err != nil {
		return err
	}
	score, err := strconv.Atoi(r.cell("value"))
	if err != nil || score < 0 || score > 5 {
		return fmt.Errorf("value is %q; it should be a whole number from 0 to 5", clip(r.cell("value")))
	}
	r.names(t, at)
	data := webhook.Members{"score": score, "comment": r.text("csat_response"), "csatId": r.cell("csat_id")}
	if who := r.cell("csat_submitter_user_id"); who != "" {
		data["by"] = webhook.Actor("user", who, r.text("csat_submitter_user_name"))
	}
	if solved, ok := r.truth("issue_resolved"); ok {
		data["issueResolved"] = solved
	}
	t.Add("chat.rated", r.conversation, id(r.conversation, "rated", at), at, data)
	return nil
}

// labelled tells a label. Who attached it, the row does not say: an agent, which is the
// resolver or whom the conversation was assigned to, or a rule.
func (r *record) labelled(t *webhook.Told) error {
	at, err := r.time("created_at")
	if err != nil {
		return err
	}
	r.names(t, at)
	var by any = "auto"
	if strings.EqualFold(r.cell("labelled_by_type"), "AGENT") {
		who := r.cell("agent_id")
		if strings.EqualFold(r.cell("actor_type"), "AGENT") {
			who = cmp.Or(r.cell("actor_id"), who)
		}
		by = webhook.Actor("agent", who, "")
	}
	category, sub := r.cell("label_category_id"), r.cell("label_sub_category_id")
	t.Add("chat.labelled", r.conversation, id(r.conversation, "labelled", at)+"/"+category+"/"+sub, at, webhook.Members{
		"categoryId": category, "categoryName": cmp.Or(r.text("label_category_name"), category),
		"subCategoryId": sub, "subCategoryName": r.text("label_sub_category_name"), "by": by,
	})
	return nil
}
