package measure

import (
	"chatreports/shared/fact"
	"chatreports/shared/table"
)

// Measures of ratings, surveys and wrap-ups. They are numbered from 40.
const (
	RatingScore5 ID = iota + 40
	RatingScore4
	RatingScore3
	RatingScore2
	RatingScore1
	// Answers have keys Join(campaign, field, group, option), or without the
	// option where none was chosen; field names Join(campaign, field, name).
	PreChatAnswers
	PreChatFieldNames
	PostChatAnswers
	PostChatFieldNames
	WrapUpAnswers
	WrapUpFieldNames
	WrapUps
)

var byCampaign = []Series{site, campaign}

// ofSatisfaction are the measures of ratings, surveys and wrap-ups.
var ofSatisfaction = []Measure{
	{RatingScore5, "ratingScore5", "count", Sum, byAgent, "when the rating was given", perPart, "chats whose last rating is 5"},
	{RatingScore4, "ratingScore4", "count", Sum, byAgent, "when the rating was given", perPart, "chats whose last rating is 4"},
	{RatingScore3, "ratingScore3", "count", Sum, byAgent, "when the rating was given", perPart, "chats whose last rating is 3"},
	{RatingScore2, "ratingScore2", "count", Sum, byAgent, "when the rating was given", perPart, "chats whose last rating is 2"},
	{RatingScore1, "ratingScore1", "count", Sum, byAgent, "when the rating was given", perPart, "chats whose last rating is 1"},
	{PreChatAnswers, "preChatAnswers", "count", Keyed, byCampaign, "when the survey was submitted", "the campaign of the survey", "options chosen in pre-chat surveys, by campaign, field and group"},
	{PreChatFieldNames, "preChatFieldNames", "count", Keyed, byCampaign, "when the survey was submitted", "the campaign of the survey", "names that fields of pre-chat surveys had"},
	{PostChatAnswers, "postChatAnswers", "count", Keyed, byCampaign, "when the survey was submitted", "the campaign of the survey", "options chosen in post-chat surveys, by campaign, field and group"},
	{PostChatFieldNames, "postChatFieldNames", "count", Keyed, byCampaign, "when the survey was submitted", "the campaign of the survey", "names that fields of post-chat surveys had"},
	{WrapUpAnswers, "wrapUpAnswers", "count", Keyed, byCampaign, "when the chat's last wrap-up was made", "the campaign of the wrap-up, else of the chat", "options chosen in wrap-ups, by campaign, field and group"},
	{WrapUpFieldNames, "wrapUpFieldNames", "count", Keyed, byCampaign, "when the chat's last wrap-up was made", "the campaign of the wrap-up, else of the chat", "names that fields of wrap-ups had"},
	{WrapUps, "wrapups", "count", Sum, byAgent, requested, perPart, "chats an agent took part in whose last wrap-up has a comment"},
}

// ofFeedback lists what a chat's rating, surveys and wrap-up contribute. handledBy
// are the departments and agents the chat counts for.
func ofFeedback(l *list, c *fact.Chat, handledBy Dims) {
	if r := c.Rating; r != nil && 1 <= r.Score && r.Score <= 5 {
		l.point(RatingScore5+ID(5-r.Score), r.At, 1, handledBy)
	}
	named := fieldNames{}
	for i := range c.Surveys {
		s := &c.Surveys[i]
		answers, names := PostChatAnswers, PostChatFieldNames
		if s.Kind == "prechat" {
			answers, names = PreChatAnswers, PreChatFieldNames
		}
		ofSurvey(l, named, s, answers, names, c.Names.Name(s.Campaign))
	}
	if w := c.WrapUp; w != nil {
		campaign := c.Names.Name(w.Campaign)
		if campaign == "" {
			campaign = c.Request.CampaignID
		}
		ofSurvey(l, named, w, WrapUpAnswers, WrapUpFieldNames, campaign)
	}
}

// fieldNames finds the contribution that names a field at a moment: of several
// submissions of one chat in one millisecond the last one names it.
type fieldNames map[fieldAt]int

type fieldAt struct {
	names           ID
	at              int64
	campaign, field string
}

func ofSurvey(l *list, named fieldNames, s *fact.Survey, answers, names ID, campaignID string) {
	if campaignID == "" {
		return
	}
	d := siteDims.with(Value{Campaign, campaignID})
	for _, a := range s.Fields {
		for _, option := range a.Options {
			l.keyed(answers, s.At, table.Join(campaignID, a.FieldID, a.Group, option), d)
		}
		if len(a.Options) == 0 {
			l.keyed(answers, s.At, table.Join(campaignID, a.FieldID, a.Group), d)
		}
		key := table.Join(campaignID, a.FieldID, a.FieldName)
		at := fieldAt{names, s.At, campaignID, a.FieldID}
		if i, ok := named[at]; ok {
			l.out[i].Key = key
			continue
		}
		named[at] = len(l.out)
		l.keyed(names, s.At, key, d)
	}
}
