package measure

import (
	"chatreports/shared/fact"
	"chatreports/shared/tuple"
)

// Measures of ratings, surveys and wrap-ups. They are numbered from 40.
const (
	RatingScore5 ID = 40
	RatingScore4 ID = 41
	RatingScore3 ID = 42
	RatingScore2 ID = 43
	RatingScore1 ID = 44
	// Answers have keys Join(campaign, field, group, option), or without the
	// option where none was chosen; field names Join(campaign, field, name).
	PreChatAnswers     ID = 45
	PreChatFieldNames  ID = 46
	PostChatAnswers    ID = 47
	PostChatFieldNames ID = 48
	WrapUpAnswers      ID = 49
	WrapUpFieldNames   ID = 50
	WrapUps            ID = 51
)

var byCampaign = []Series{site, campaign}

// ofSatisfaction are the measures of ratings, surveys and wrap-ups.
var ofSatisfaction = []Measure{
	{ID: RatingScore5, Name: "ratingScore5", Unit: "count", Shape: Sum, Series: byAgent, When: "when the rating was given", Whom: perServed, Definition: "chats whose last rating is 5"},
	{ID: RatingScore4, Name: "ratingScore4", Unit: "count", Shape: Sum, Series: byAgent, When: "when the rating was given", Whom: perServed, Definition: "chats whose last rating is 4"},
	{ID: RatingScore3, Name: "ratingScore3", Unit: "count", Shape: Sum, Series: byAgent, When: "when the rating was given", Whom: perServed, Definition: "chats whose last rating is 3"},
	{ID: RatingScore2, Name: "ratingScore2", Unit: "count", Shape: Sum, Series: byAgent, When: "when the rating was given", Whom: perServed, Definition: "chats whose last rating is 2"},
	{ID: RatingScore1, Name: "ratingScore1", Unit: "count", Shape: Sum, Series: byAgent, When: "when the rating was given", Whom: perServed, Definition: "chats whose last rating is 1"},
	{ID: PreChatAnswers, Name: "preChatAnswers", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the survey was submitted", Whom: "the campaign of the survey", Definition: "options chosen in pre-chat surveys, by campaign, field and group"},
	{ID: PreChatFieldNames, Name: "preChatFieldNames", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the survey was submitted", Whom: "the campaign of the survey", Definition: "names that fields of pre-chat surveys had"},
	{ID: PostChatAnswers, Name: "postChatAnswers", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the survey was submitted", Whom: "the campaign of the survey", Definition: "options chosen in post-chat surveys, by campaign, field and group"},
	{ID: PostChatFieldNames, Name: "postChatFieldNames", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the survey was submitted", Whom: "the campaign of the survey", Definition: "names that fields of post-chat surveys had"},
	{ID: WrapUpAnswers, Name: "wrapUpAnswers", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the chat's last wrap-up was made", Whom: "the campaign of the wrap-up, else of the chat", Definition: "options chosen in wrap-ups, by campaign, field and group"},
	{ID: WrapUpFieldNames, Name: "wrapUpFieldNames", Unit: "count", Shape: Keyed, Series: byCampaign, When: "when the chat's last wrap-up was made", Whom: "the campaign of the wrap-up, else of the chat", Definition: "names that fields of wrap-ups had"},
	{ID: WrapUps, Name: "wrapups", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: perPart, Definition: "chats an agent took part in whose last wrap-up has a comment"},
}

// ofFeedback lists what a chat's rating, surveys and wrap-up contribute. served is whom the
// rating counts for.
func ofFeedback(l *list, c *fact.Chat, served Dims) {
	if r := c.Rating; r != nil && 1 <= r.Score && r.Score <= 5 {
		l.point(RatingScore5+ID(5-r.Score), r.At, 1, served)
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
			l.keyed(answers, s.At, tuple.Join(campaignID, a.FieldID, a.Group, option), d)
		}
		if len(a.Options) == 0 {
			l.keyed(answers, s.At, tuple.Join(campaignID, a.FieldID, a.Group), d)
		}
		key := tuple.Join(campaignID, a.FieldID, a.FieldName)
		at := fieldAt{names, s.At, campaignID, a.FieldID}
		if i, ok := named[at]; ok {
			l.out[i].Key = key
			continue
		}
		named[at] = len(l.out)
		l.keyed(names, s.At, key, d)
	}
}
