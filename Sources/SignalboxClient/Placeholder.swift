// SignalboxClient
