package extract

import "chatreports/shared/journal"

// SetMostBytes sets how many bytes of rows are kept in memory, and gives the bound back.
func SetMostBytes(n int) (was int) {
	was, mostBytes = mostBytes, n
	return was
}

// Agent tells an agent as a report's row function gets it.
func (s *Source) Agent(id string) (*Agent, error) {
	a, err := s.agent(id, nil)
	if err != nil {
		return nil, err
	}
	return a.told(journal.NewDecoder())
}
