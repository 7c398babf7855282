package measure

// Bases are the measures that one follows from, which many facts make up together.
// None, for what facts contribute themselves.
func Bases(id ID) []ID {
	switch id {
	case LinearChatTime:
		return []ID{InChat, LoggedInStep}
	case QueuePeak:
		return []ID{QueueLevel}
	case MaxQueueSize: // the function where a quarter hour is cut, or not over yet
		return []ID{QueuePeak, QueueLevel}
	}
	return nil
}
