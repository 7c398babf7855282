// Package tenant says who the customers are and which key may do what. In: what the
// declarative tenants file says (tenantfile reads it), and later a secret. Out:
// records in the state table, and the tenant and scopes behind a secret. Secrets are
// stored as hashes only. It knows no events, no reports and no HTTP.
package tenant

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Scopes of a key.
const (
	EventsWrite  = "events:write"
	ReportsRead  = "reports:read"
	ExportsWrite = "exports:write"
	DataErase    = "data:erase"
)

// Scopes lists every scope.
func Scopes() []string { return []string{EventsWrite, ReportsRead, ExportsWrite, DataErase} }

// ReservedIDs are those that no tenant can have: parts of the state table begin with them
// that are no tenant's, or of several.
func ReservedIDs() []string { return []string{"jobs", "key", "link", "logs", "tenants", "webhook"} }

// Editions of Comm100.
const (
	Enterprise = "enterprise"
	Business   = "business"
)

// Tenant is one customer and its settings, without keys.
type Tenant struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Zone    string `json:"zone"`    // IANA name: of schedules, exports and the dashboard, not of Comm100's reports
	Edition string `json:"edition"` // Enterprise or Business
	// AutoAllocation and Chatbot say which of Comm100's figures there are.
	AutoAllocation bool           `json:"autoAllocation"`
	Chatbot        bool           `json:"chatbot"`
	BusinessHours  Week           `json:"businessHours,omitzero"` // empty is never, nil is always
	Holidays       []string       `json:"holidays,omitempty"`     // YYYY-MM-DD, in Zone
	CustomMetrics  []CustomMetric `json:"customMetrics,omitempty"`
	Links          Links          `json:"links,omitzero"`
	Origins        []string       `json:"origins,omitempty"` // of sites whose scripts may read: scheme://host
	Webhooks       []Webhook      `json:"webhooks,omitempty"`
	Schedules      []Schedule     `json:"schedules,omitempty"`
	KeepPayloads   *int           `json:"keepPayloads,omitempty"` // see PayloadsKept
}

// Webhook returns the webhook with that id.
func (t *Tenant) Webhook(id string) (Webhook, bool) {
	i := slices.IndexFunc(t.Webhooks, func(w Webhook) bool { return w.ID == id })
	if i < 0 {
		return Webhook{}, false
	}
	return t.Webhooks[i], true
}

// PayloadsKept is for how many days what the tenant's webhooks deliver is kept as it came:
// one of PayloadDays, or 0 for not at all.
func (t *Tenant) PayloadsKept() int {
	if t.KeepPayloads == nil {
		return defaultPayloadDays
	}
	return *t.KeepPayloads
}

// PayloadDays lists for how long payloads can be kept. There are few, since a bucket deletes
// by the beginning of keys: a rule for each.
func PayloadDays() []int { return []int{7, 30, 90, 365} }

const defaultPayloadDays = 30

// Week holds the business hours by day, "sun" to "sat", in order and disjoint. A
// nil Week means always; a day without spans is closed.
type Week map[string][]Span

// Day is the spans of one day of the week.
func (w Week) Day(d time.Weekday) []Span { return w[days[d]] }

var days = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Days are the names of the days, in the order of time.Weekday.
func Days() []string { return slices.Clone(days[:]) }

// Span is a part of a day, in minutes of the wall clock: From is in, To is out.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// CustomMetric is one of Comm100's realtime custom metrics.
type CustomMetric struct {
	ID         string `json:"id" yaml:"id"`
	Name       string `json:"name" yaml:"name"`
	Expression string `json:"expression" yaml:"expression"`
}

// Links are templates of addresses that rows carry; {chatId} stands for the chat's id.
type Links struct {
	Conversation string `json:"conversation,omitempty" yaml:"conversation"`
	Transcript   string `json:"transcript,omitempty" yaml:"transcript"`
}

// ConversationURL is where a chat can be seen; empty without a template.
func (l *Links) ConversationURL(chatID string) string { return filled(l.Conversation, chatID) }

// TranscriptURL is where what was said in a chat can be read; empty without a template.
func (l *Links) TranscriptURL(chatID string) string { return filled(l.Transcript, chatID) }

// filled puts an id into an address, so that it is the same id wherever it stands there.
func filled(template, chatID string) string {
	return strings.ReplaceAll(template, "{chatId}", strings.ReplaceAll(url.QueryEscape(chatID), "+", "%20"))
}

// Schedule declares a report that is delivered again and again, to the object store.
type Schedule struct {
	ID     string `json:"id" yaml:"id"`
	Report string `json:"report" yaml:"report"` // dialect/name
	// Rate or Cron says when, the latter by the clocks of the tenant's zone.
	Rate string `json:"rate,omitempty" yaml:"rate"`
	Cron string `json:"cron,omitempty" yaml:"cron"`
	// Period is what one object covers; with Rate it is the rate itself.
	Period     string            `json:"period,omitempty" yaml:"period"`
	Format     string            `json:"format,omitempty" yaml:"format"`
	Parameters map[string]string `json:"parameters,omitempty" yaml:"parameters"`
}

// Providers whose webhooks are understood.
const (
	Freshchat = "freshchat"
	Drift     = "drift"
	ChatBot   = "chatbot"
	LiveChat  = "livechat"
	Comm100   = "comm100"
	Standard  = "standard" // our own events, signed as Standard Webhooks says
)

// Providers lists them.
func Providers() []string { return []string{Freshchat, Drift, ChatBot, LiveChat, Comm100, Standard} }

// Webhook is where a vendor delivers its own events, and what authenticates it.
type Webhook struct {
	ID        string `json:"id" yaml:"id"`
	Provider  string `json:"provider" yaml:"provider"`
	PublicKey string `json:"publicKey,omitempty" yaml:"publicKey"` // Freshchat signs with the private one
	Token     string `json:"token,omitempty" yaml:"token"`         // the secret that the others share with us
	// The ones that are to follow: while one is exchanged, both are taken.
	NextPublicKey string `json:"nextPublicKey,omitempty" yaml:"nextPublicKey"`
	NextToken     string `json:"nextToken,omitempty" yaml:"nextToken"`
}

// Key is a credential as the tenants file has it.
type Key struct {
	ID     string
	Secret string
	Scopes []string
}

// Entry is one tenant of the file with its keys.
type Entry struct {
	Tenant Tenant
	Keys   []Key
}

// File is a tenants file that was read and found valid.
type File struct{ Entries []Entry }
