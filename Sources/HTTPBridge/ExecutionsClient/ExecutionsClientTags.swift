internal import JSON
internal import Messages

/// Tags in the shape of the executions client.
enum ExecutionsClientTags {
    static func write(_ tag: Tag, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", tag.id)
            json.member("name", tag.name)
            json.member("createdAt", instant: tag.createTime)
            json.member("updatedAt", instant: tag.updateTime ?? tag.createTime)
        }
    }
}
