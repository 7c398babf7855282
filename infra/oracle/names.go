package oracle

import "strconv"

// withNames puts beside every id of an entity in an answer what it is called.
func (o *Oracle) withNames(report string, answer any) {
	switch v := answer.(type) {
	case []any:
		for _, one := range v {
			o.withNames(report, one)
		}
	case []map[string]any:
		for _, one := range v {
			o.withNames(report, one)
		}
	case map[string]any:
		names := map[string]string{}
		for property, kind := range map[string]string{
			"agentId": "agent", "departmentId": "group", "campaignId": "campaign", "autoInvitationId": "invitation", "visitorId": "visitor",
			"visitorSegmentId": "", "conversionActionId": "",
		} {
			if id, ok := v[property]; ok {
				names[property[:len(property)-len("Id")]+"Name"] = o.name(kind, asText(id))
			}
		}
		if id, ok := v["id"]; ok {
			switch report {
			case "cannedMessage":
				names["name"] = o.name("canned_message", asText(id))
			case "realtime/today/customMetrics":
				for _, m := range o.tenant.CustomMetrics {
					if m.ID == asText(id) {
						names["name"] = m.Name
					}
				}
			case "realtime/queue":
				names["name"] = o.name([]string{"site", "group", "agent"}[int(v["type"].(float64))], asText(id))
			}
		}
		for _, part := range v {
			o.withNames(report, part)
		}
		for property, name := range names {
			v[property] = name
		}
	}
}

// asText is an id as events write it.
func asText(id any) string {
	switch id := id.(type) {
	case float64:
		return strconv.FormatFloat(id, 'f', -1, 64)
	case string:
		return id
	}
	return "" // of none
}
