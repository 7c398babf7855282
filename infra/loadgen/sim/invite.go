package sim

import "chatreports/shared/event"

// inviteByHand lets an agent who is there invite a visitor.
func (r *run) inviteByHand(v *visit) {
	a := r.choose(r.cast.site, nil)
	if a == nil {
		r.leaveSite(v)
		return
	}
	r.invite(v, r.cast.manual, a)
}

// invite offers a chat: by a rule, or by the agent named.
func (r *run) invite(v *visit, i *invitation, by *agent) {
	d := event.Data{Kind: i.kind, InvitationID: i.id, InvitationName: i.name, CampaignID: &v.campaign.id}
	tell := func(what string) { r.emit("invitation."+what, v.id, &d) }
	if by != nil {
		d.AgentID = by.id
	} else {
		tell("matched")
		if !r.anyoneHere(r.cast.site) || r.chance(0.04) {
			tell("unavailable")
			return
		}
		r.emit("entrypoint.viewed", v.id, &event.Data{
			EntrypointID: i.id, EntrypointType: "auto_invite", EntrypointName: i.name, CampaignID: &v.campaign.id,
		})
	}
	tell("sent")
	r.after(r.around(2*second, 15*second), func() {
		switch p := r.rng.Float64(); {
		case p < 0.42:
			r.accepted(v, i, by, &d)
		case p < 0.62:
			tell("declined")
		case p < 0.84:
			r.after(30*second, func() { tell("ignored") })
		case p < 0.94:
			r.after(2*minute, func() { tell("expired") })
		default:
			tell("cancelled")
		}
	})
}

func (r *run) accepted(v *visit, i *invitation, by *agent, d *event.Data) {
	r.emit("invitation.accepted", v.id, d)
	v.entry = i.id
	if by != nil {
		r.request(v, "manual_invitation", by)
		return
	}
	r.emit("entrypoint.clicked", v.id, &event.Data{
		EntrypointID: i.id, EntrypointType: "auto_invite", EntrypointName: i.name, CampaignID: &v.campaign.id,
	})
	r.request(v, "auto_invitation", nil)
}
