package oracle

import "fmt"

var rating = sheet{
	properties: func(string) []property {
		var list []property
		for score := 5; score >= 1; score-- {
			list = append(list, count(fmt.Sprintf("score%d", score), fmt.Sprintf("avgScore%d", score), fmt.Sprint(score)))
		}
		return list
	},
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.chats {
			if e := c.rating; e != nil && (span{from, to}).holds(e.At) && q.holds(sc, c.counts) {
				r[fmt.Sprint(e.Data.Score)]++
				if 1 <= e.Data.Score && e.Data.Score <= 5 {
					r["ratings"]++
					r["points"] += e.Data.Score
				}
			}
		}
		return r
	},
}

var avgScore = average("avgScore", "points", "ratings").orNull()

// runRating adds the mean of all scores, if it is asked for.
func runRating(q *query) any {
	s := rating
	if q.avgScore {
		s.properties = func(group string) []property { return append(rating.properties(group), avgScore) }
	}
	return s.run(q)
}

var completion = sheet{
	properties: same(count("wrapups", "", "wrapups"), count("chats", "", "chats")),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.requested(sc, from, to) {
			if c.outcome == isChat && len(c.agents) > 0 {
				r["chats"]++
				if c.wrapup != nil && c.wrapup.Data.Comment != "" {
					r["wrapups"]++
				}
			}
		}
		return r
	},
}
